// The few words that kernels are written in. Clang makes PTX of them; g++ makes a
// program for the processor, over fake/runtime.h, which tests run.
//
// All parameters of a kernel are 64 bits wide: pointers, long long, double. All shared
// memory is dynamic.
#pragma once

typedef unsigned short bf16;  // the upper half of a float32

#ifdef __CUDA__

#define DEVICE static inline __attribute__((device, always_inline))
#define PRAGMA(text) _Pragma(#text)
#define UNROLL(n) PRAGMA(unroll n)
#define KERNEL(name, threads, ...) \
	extern "C" __attribute__((global)) __attribute__((launch_bounds(threads, 1))) void name(__VA_ARGS__)

extern __attribute__((shared)) __attribute__((aligned(16))) unsigned char shared_bytes[];

DEVICE unsigned char *shared_memory() { return shared_bytes; }
DEVICE int thread() { return __nvvm_read_ptx_sreg_tid_x(); }
DEVICE int block_x() { return __nvvm_read_ptx_sreg_ctaid_x(); }
DEVICE int block_y() { return __nvvm_read_ptx_sreg_ctaid_y(); }
DEVICE int block_z() { return __nvvm_read_ptx_sreg_ctaid_z(); }
DEVICE int blocks_x() { return __nvvm_read_ptx_sreg_nctaid_x(); }
DEVICE void barrier() { __syncthreads(); }

DEVICE float shuffle_xor(float x, int mask) { return __nvvm_shfl_sync_bfly_f32(0xffffffff, x, mask, 0x1f); }
DEVICE int shuffle_xor(int x, int mask) { return __nvvm_shfl_sync_bfly_i32(0xffffffff, x, mask, 0x1f); }

// copy_async begins a copy of 16 bytes to shared memory; of bytes 0 it writes zeros.
DEVICE void copy_async(void *to, const void *from, int bytes) {
	unsigned address;
	asm("{ .reg .u64 t; cvta.to.shared.u64 t, %1; cvt.u32.u64 %0, t; }" : "=r"(address) : "l"(to));
	asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
}
DEVICE void copy_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }
// copy_wait waits for all groups of copies but the newest N.
template <int N> DEVICE void copy_wait() { asm volatile("cp.async.wait_group %0;" ::"n"(N) : "memory"); }

// c += a·b, of 16×8 rows and columns: 8 deep in TF32, 16 deep in BF16.
DEVICE void mma_tf32(float *c, const unsigned *a, const unsigned *b) {
	asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
		: "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
		: "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
DEVICE void mma_bf16(float *c, const unsigned *a, const unsigned *b) {
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
		: "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
		: "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
DEVICE unsigned to_tf32(float x) {
	unsigned y;
	asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(y) : "f"(x));
	return y;
}
// pack_rounded is two numbers of BF16, rounded to the nearest, to even.
DEVICE unsigned pack_rounded(float low, float high) {
	unsigned y;
	asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(y) : "f"(high), "f"(low));
	return y;
}
DEVICE float exp2_of(float x) { return __nvvm_ex2_approx_f(x); }
DEVICE float root(float x) { return __nvvm_sqrt_rn_f(x); }

#else
#include "runtime.h"  // of the folder fake
#endif

DEVICE unsigned bits_of(float x) { return __builtin_bit_cast(unsigned, x); }
DEVICE float float_of(unsigned x) { return __builtin_bit_cast(float, x); }
DEVICE float widen(bf16 x) { return float_of((unsigned)x << 16); }
// narrow rounds to the nearest, to even; x is finite.
DEVICE bf16 narrow(float x) {
	unsigned u = bits_of(x);
	return (bf16)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}
DEVICE unsigned pack(bf16 low, bf16 high) { return (unsigned)low | (unsigned)high << 16; }

// add_count adds to a count that several threads share: of whole numbers, so that the
// order makes no difference.
DEVICE void add_count(int *to, int n) { __atomic_fetch_add(to, n, __ATOMIC_RELAXED); }

// next_place is a place of its own in a list: which one depends on who comes first.
DEVICE int next_place(int *count) { return __atomic_fetch_add(count, 1, __ATOMIC_RELAXED); }

// each calls use for this block's 512 of n.
template <class F> DEVICE void each(long long n, F use) {
	for (int k = 0; k < 4; k++) {
		long long i = (long long)block_x() * 512 + k * 128 + thread();
		if (i < n) use(i);
	}
}

template <class T> DEVICE T least(T a, T b) { return a < b ? a : b; }
template <class T> DEVICE T most(T a, T b) { return a > b ? a : b; }

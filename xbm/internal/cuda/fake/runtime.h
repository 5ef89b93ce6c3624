// Kernels on the processor: each thread of a block is a fiber. What real hardware leaves
// open is made as bad as it can be: shared memory holds NaN until written, a copy to it
// lands when it is waited for and not before, fibers run in any order that a test asks
// for.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#define DEVICE static inline
#define UNROLL(n)

namespace fake {

// Launch is a kernel at work.
struct Launch {
	int blocks[3];
	int threads;
	size_t shared;
	void (*call)(void **);
	void **arguments;
};

// Kernel is a kernel by name.
struct Kernel {
	const char *name;
	int threads;                  // at most
	int parameters;
	const bool *pointers;         // which parameters are pointers
	void (*call)(void **);
	Kernel *next;
	static Kernel *first;
};

template <class... P, size_t... I> void apply(void (*f)(P...), void **arguments, std::index_sequence<I...>) {
	f(*static_cast<P *>(arguments[I])...);
}

template <auto F> struct Signature;
template <class... P, void (*F)(P...)> struct Signature<F> {
	static_assert(((sizeof(P) == 8) && ...), "parameters of a kernel are 64 bits wide");
	static constexpr int count = sizeof...(P);
	static constexpr bool pointers[] = {std::is_pointer_v<P>...};
	static void call(void **arguments) { apply(F, arguments, std::index_sequence_for<P...>{}); }
};

struct Registered {
	Kernel kernel;
	Registered(const char *name, int threads, int parameters, const bool *pointers, void (*call)(void **))
		: kernel{name, threads, parameters, pointers, call, Kernel::first} {
		Kernel::first = &kernel;
	}
};

// run runs a kernel to its end. It returns what went wrong, or nullptr.
const char *run(const Launch &);

int thread();
int block(int axis);
int blocks(int axis);
unsigned char *shared();
void barrier();
// together has the 32 threads of a warp call once, with what each brings.
void together(void *mine, void (*call)(void **lanes));
void begin_copy(void *to, const void *from, int bytes);
void commit_copies();
void wait_copies(int newest);

}  // namespace fake

#define KERNEL(name, threads, ...)                                                                         \
	void name(__VA_ARGS__);                                                                                \
	static fake::Registered registered_##name{#name, threads, fake::Signature<&name>::count,               \
		fake::Signature<&name>::pointers, fake::Signature<&name>::call};                                   \
	void name(__VA_ARGS__)

DEVICE unsigned char *shared_memory() { return fake::shared(); }
DEVICE int thread() { return fake::thread(); }
DEVICE int block_x() { return fake::block(0); }
DEVICE int block_y() { return fake::block(1); }
DEVICE int block_z() { return fake::block(2); }
DEVICE int blocks_x() { return fake::blocks(0); }
DEVICE void barrier() { fake::barrier(); }

template <class T> DEVICE T shuffle_xor(T x, int mask) {
	struct Lane { T x, got; int mask; } lane{x, x, mask};
	fake::together(&lane, [](void **lanes) {
		for (int i = 0; i < 32; i++) {
			Lane *to = static_cast<Lane *>(lanes[i]);
			to->got = static_cast<Lane *>(lanes[i ^ to->mask])->x;
		}
	});
	return lane.got;
}

DEVICE void copy_async(void *to, const void *from, int bytes) { fake::begin_copy(to, from, bytes); }
DEVICE void copy_commit() { fake::commit_copies(); }
template <int N> DEVICE void copy_wait() { fake::wait_copies(N); }

// to_tf32 rounds to 10 bits of mantissa, to the nearest, ties away from zero.
DEVICE unsigned to_tf32(float x) {
	unsigned u;
	memcpy(&u, &x, 4);
	return (u + 0x1000) & 0xffffe000u;
}
DEVICE unsigned pack_rounded(float low, float high) {
	auto half = [](float x) {
		unsigned u;
		memcpy(&u, &x, 4);
		return x != x ? 0x7fffu : (u + 0x7fff + (u >> 16 & 1)) >> 16;
	};
	return half(low) | half(high) << 16;
}
DEVICE float exp2_of(float x) { return std::exp2(x); }
DEVICE float root(float x) { return std::sqrt(x); }

namespace fake {

struct Lane { float *c; const unsigned *a, *b; };

inline float number(unsigned x) {
	float f;
	memcpy(&f, &x, 4);
	return f;
}

// product is c += a·b of the fragments of a warp, as PTX's manual lays them out. Of a
// TF32 number hardware reads the upper 19 bits.
template <int K> void product(void **lanes, const float (&a)[16][K], const float (&b)[K][8]) {
	for (int row = 0; row < 16; row++) {
		for (int column = 0; column < 8; column++) {
			Lane *to = static_cast<Lane *>(lanes[row % 8 * 4 + column / 2]);
			float sum = to->c[row / 8 * 2 + column % 2];
			for (int k = 0; k < K; k++) sum += a[row][k] * b[k][column];
			to->c[row / 8 * 2 + column % 2] = sum;
		}
	}
}

}  // namespace fake

DEVICE void mma_tf32(float *c, const unsigned *a, const unsigned *b) {
	fake::Lane lane{c, a, b};
	fake::together(&lane, [](void **lanes) {
		auto lane = [lanes](int i) { return static_cast<fake::Lane *>(lanes[i]); };
		float A[16][8], B[8][8];
		for (int r = 0; r < 16; r++)
			for (int k = 0; k < 8; k++) A[r][k] = fake::number(lane(r % 8 * 4 + k % 4)->a[k / 4 * 2 + r / 8] & 0xffffe000u);
		for (int k = 0; k < 8; k++)
			for (int n = 0; n < 8; n++) B[k][n] = fake::number(lane(n * 4 + k % 4)->b[k / 4] & 0xffffe000u);
		fake::product(lanes, A, B);
	});
}

DEVICE void mma_bf16(float *c, const unsigned *a, const unsigned *b) {
	fake::Lane lane{c, a, b};
	fake::together(&lane, [](void **lanes) {
		auto half = [lanes](int i, bool of_a, int word, int part) {
			auto l = static_cast<fake::Lane *>(lanes[i]);
			unsigned w = of_a ? l->a[word] : l->b[word];
			return fake::number(part ? w & 0xffff0000u : w << 16);
		};
		float A[16][16], B[16][8];
		for (int r = 0; r < 16; r++)
			for (int k = 0; k < 16; k++) A[r][k] = half(r % 8 * 4 + k % 8 / 2, true, k / 8 * 2 + r / 8, k % 2);
		for (int k = 0; k < 16; k++)
			for (int n = 0; n < 8; n++) B[k][n] = half(n * 4 + k % 8 / 2, false, k / 8, k % 2);
		fake::product(lanes, A, B);
	});
}

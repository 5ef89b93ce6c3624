package kernel

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns x in memory that ends where a page begins that may not be
// touched.
func guarded[T float32 | int32 | uint16](t *testing.T, x []T) []T {
	page := os.Getpagesize()
	each := int(unsafe.Sizeof(*new(T)))
	size := (each*len(x) + page - 1) / page * page
	mem, err := syscall.Mmap(-1, 0, size+page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skip("no guarded memory:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(mem); err != nil {
			t.Error(err)
		}
	})
	if err := syscall.Mprotect(mem[size:], syscall.PROT_NONE); err != nil {
		t.Skip("no guarded memory:", err)
	}
	y := unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(mem))), size/each)[size/each-len(x):]
	copy(y, x)
	return y
}

// No kernel reads or writes past the end of its slices: that would be a fault.
func TestGuardedMemory(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(8, uint64(kd)))
		for range 150 {
			p := randomProduct(rng, 1+rng.IntN(40), 1+rng.IntN(70), 1+rng.IntN(40))
			a, b, c := p.a, p.b, p.copyC()
			a.Data, b.Data, c.Data = guarded(t, a.Data), guarded(t, b.Data), guarded(t, c.Data)
			kd.gemmSerial(p.m, p.n, p.k, p.alpha, a, b, p.beta, c)
			if i, j, bad := p.differs(c); bad {
				t.Fatalf("%d×%d×%d: element (%d, %d)", p.m, p.n, p.k, i, j)
			}
			n := min(len(a.Data), len(b.Data))
			x, y := a.Data[len(a.Data)-n:], b.Data[len(b.Data)-n:]
			kd.dot(x, y)
			kd.axpy(y, 2, x)
			kd.scale(y, 2, x)
		}
	})
}

func TestGuardedVectors(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(9, uint64(kd)))
		for n := range 70 {
			x, y, z := guarded(t, randomFloats(rng, n)), guarded(t, randomFloats(rng, n)), guarded(t, make([]float32, n))
			places, numbers := guarded(t, make([]int32, n+FindSlack)), guarded(t, make([]int32, n))
			halves := guarded(t, make([]uint16, n))
			if found := kd.findEqual(places, numbers, 0); found != n {
				t.Fatalf("%d of %d zeros", found, n)
			}
			kd.findAbove(places, x, -9)
			kd.countAbove(x, 0)
			kd.markAbove(z, x, 0)
			kd.largest(x)
			kd.leastAbove(x, 0)
			kd.squaredDistance(x, y)
			kd.exp(z, x, 0, 1)
			kd.chord(z, x)
			kd.divide(z, x, y)
			kd.multiply(z, x, y)
			kd.adjust(z, x, y, y)
			kd.raise(z, 0)
			kd.cut(z, 0)
			kd.toHalf(halves, x)
			kd.fromHalf(z, halves)
			kd.transpose(guarded(t, make([]float32, 20*n)), n, guarded(t, make([]float32, 20*n)), 20, n, 20)
		}
	})
}

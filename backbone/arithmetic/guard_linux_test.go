package arithmetic

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// guarded returns x in memory that ends where a page begins that may not be
// touched.
func guarded[T float32 | int32](t *testing.T, x []T) []T {
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

// Nothing reads or writes past the end of its slices: that would be a fault.
func TestGuardedMemory(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(9, uint64(kd)))
		for n := range 70 {
			x, y, z := guarded(t, randomFloats(rng, n)), guarded(t, randomFloats(rng, n)), guarded(t, make([]float32, n))
			numbers := guarded(t, make([]int32, n))
			kd.sum(x)
			kd.squaredDeviations(x, 1)
			kd.affine(z, x, 0, 2, 1)
			kd.combine(z, x, y, 2, 1, 0, 0)
			kd.rectify(z, x)
			kd.rectified(z, x, y)
			kd.beat(z, numbers, x, 1)
			kd.addWhere(z, x, numbers, 1)
			kd.giveFour(guarded(t, make([]float32, 2*n)), guarded(t, make([]float32, 2*n)), x, numbers)
			kd.beatFour(z, numbers, guarded(t, make([]float32, 2*n)), guarded(t, make([]float32, 2*n)))
			for _, tile := range []int{2, 4} {
				for _, m := range winogradMaps {
					out, in := m.sizes(tile)
					src, dst := randomSquares(rng, in, n, 3), randomSquares(rng, out, n, 3)
					src.Data, dst.Data = guarded(t, src.Data), guarded(t, dst.Data)
					kd.winograd(m, tile, dst, src, n, 3)
				}
			}
			kd.gelu(z, x)
			kd.hardSigmoid(z, x)
			kd.hardSwish(z, x)
			kd.larger(z, x, y)
			if n > 0 {
				rows, w := guarded(t, randomFloats(rng, 3*n)), guarded(t, randomFloats(rng, n))
				sums, more := guarded(t, make([]float32, n)), guarded(t, make([]float32, n))
				kd.channelSums(sums, rows)
				kd.channelSquares(sums, rows, w)
				kd.channelProducts(sums, more, rows, rows, nil, w)
				kd.channelProducts(sums, more, rows, rows, rows, w)
				kd.channelAffine(rows, rows, w, w, w, 0)
				kd.channelCombine(rows, rows, rows, nil, w, w, w, w)
				kd.channelCombine(rows, rows, rows, rows, w, w, w, w)
				kd.multiplyAdd(z, x, y)
				kd.finishRows(rows, n, nil, 0, w, 0, 3)
				kd.finishRows(rows, n, guarded(t, randomFloats(rng, 3*n)), n, w, 0, 3)
				kd.depthwise(guarded(t, make([]float32, 2*n)), n, guarded(t, randomFloats(rng, 6*n)), Window{Rows: 2, Cols: 2, WRow: 2 * n, Row: 3 * n, Col: n, Step: n},
					guarded(t, randomFloats(rng, 4*n)), n, 2)
			}
			kd.adam(&Adam{}, x, y, z, guarded(t, make([]float32, n)))
		}
	})
}

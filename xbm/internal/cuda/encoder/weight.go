package encoder

import (
	"fmt"
	"hash/maphash"
	"slices"
	"unsafe"

	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

// weight is what kernels read of parameters: laid out by the processor, whenever these have
// changed.
type weight struct {
	buffer
	name string
	size int             // numbers
	of   []int           // the parameters
	pack func([]float32) // stores the numbers, which come zeroed
	ints func() []int32  // or stores these, of no parameters
	sums map[int]uint64  // of the parameters, as they were
}

// follow brings the weights that have changed to the device.
func (p *plan) follow(t cuda.Thread) error {
	sums := make([]uint64, len(p.arrays))
	for i, a := range p.arrays {
		sums[i] = maphash.Bytes(p.seed, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), 4*len(a)))
	}
	for _, w := range p.weights {
		if w.pack == nil && w.ints == nil {
			continue
		}
		if w.sums != nil && !slices.ContainsFunc(w.of, func(i int) bool { return w.sums[i] != sums[i] }) {
			continue
		}
		if err := t.Room(&w.buffer, w.name, 4*w.size); err != nil {
			return err
		}
		var err error
		if w.ints != nil {
			err = t.UploadInts(&w.buffer, w.ints())
		} else {
			p.packed = slices.Grow(p.packed[:0], w.size)[:w.size]
			clear(p.packed)
			w.pack(p.packed)
			err = t.Upload(&w.buffer, p.packed)
		}
		if err != nil {
			return err
		}
		w.sums = map[int]uint64{}
		for _, i := range w.of {
			w.sums[i] = sums[i]
		}
	}
	return nil
}

// weight adds one of a node's parameters of, of so many numbers.
func (p *plan) weight(what string, size int, of []int, pack func([]float32)) *weight {
	w := &weight{name: fmt.Sprintf("%s, %d numbers", what, size), size: size, of: of, pack: pack}
	p.weights = append(p.weights, w)
	return w
}

// plain is a parameter as it is, laid out.
func (p *plan) plain(parameter int, l layout) *weight {
	x := p.arrays[parameter]
	return p.weight(p.network.Parameters[parameter].Name, l.size(), []int{parameter}, func(dst []float32) { l.put(dst, x, nil, nil) })
}

// folded is the factor of each channel, and what is added, of a batch normalisation by its
// running statistics.
func (p *plan) folded(norm *network.Node) (factors, shifts []float32) {
	channels := len(p.arrays[norm.Parameters[0]])
	factors, shifts = make([]float32, channels), make([]float32, channels)
	norm.Fold(factors, shifts, p.arrays)
	return factors, shifts
}

// foldedWeights are the same on the device, with room for so many channels.
func (p *plan) foldedWeights(norm *network.Node, channels int) (factors, shifts *weight) {
	factors = p.weight("batch normalisation", channels, norm.Parameters, func(dst []float32) {
		factors, _ := p.folded(norm)
		copy(dst, factors)
	})
	shifts = p.weight("batch normalisation", channels, norm.Parameters, func(dst []float32) {
		_, shifts := p.folded(norm)
		copy(dst, shifts)
	})
	return factors, shifts
}

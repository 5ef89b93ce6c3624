package inference

import (
	"fmt"
	"hash/maphash"
	"slices"
	"unsafe"

	"crossbatch/backbone/convolution"
	"crossbatch/backbone/network"
	"crossbatch/xbm/kernel"
)

// Plan is a network made ready to run. It is not safe for concurrent use. It keeps the
// parameters once more, as the kernels read them: 3×3 filters take up to four times
// their room.
type Plan struct {
	network *network.Network
	arrays  [][]float32 // the network's parameters, in its order
	seed    maphash.Seed
	sums    []uint64 // of the arrays, as they were laid out
	steps   []*step
	refs    []ref         // of each value
	slots   network.Slots // where values lie
	data    [][]float32
	most    int // images that are in work at once
	held    bool
	looked  bool // at the parameters, since they are held
	scratch convolution.Scratch
}

// ref is where a value lies: in a buffer, from a channel on, its pixels step apart.
type ref struct {
	places, channels int // pixels, or tokens, or 1
	buffer           int
	from, step       int
	planes           bool // channel by channel, as images come from outside
}

// input is the buffer number of the images.
const input = -1

// room is how many numbers of the widest value are in work at once: they should stay in
// the processor's last cache, and a call has many images.
const (
	room      = 1 << 22
	mostBatch = 64
)

// New makes a plan for n over arrays, one for each of its parameters, which it reads anew
// in each call unless they are held. It fails on an operation that it does not know.
func New(n *network.Network, arrays [][]float32) (*Plan, error) {
	p := &Plan{network: n, arrays: arrays, seed: maphash.MakeSeed(), sums: make([]uint64, len(arrays))}
	p.fuse()
	p.place()
	_, widest := n.Size()
	p.most = min(mostBatch, max(1, room/widest))
	for _, s := range p.steps {
		if err := p.compile(s); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Hold says whether the parameters stay as they are from now on: then the next call alone
// looks at them.
func (p *Plan) Hold(held bool) { p.held, p.looked = held, false }

// Embed stores in dst (n×Dim, Dim being the elements of the network's output) what
// the network makes of images (n × the network's input, row-major), for any n. dst
// must not overlap images. Lengths that do not fit are the caller's mistake.
func (p *Plan) Embed(dst, images []float32) {
	pixels, dim := network.Elements(p.network.Input), network.Elements(p.network.Shape(p.network.Output))
	rows := len(images) / pixels
	if rows == 0 {
		return
	}
	p.pack()
	pieces := kernel.Blocks(rows, p.most)
	p.size(kernel.Blocks(rows, pieces))
	for k := range pieces {
		first, end := k*rows/pieces, (k+1)*rows/pieces
		p.run(dst[first*dim:end*dim], images[first*pixels:end*pixels], end-first)
	}
}

// pack lays out the weights of the steps whose parameters have changed, as a hash of 64
// bits tells: to read them is faster than to lay them out.
func (p *Plan) pack() {
	if p.held && p.looked {
		return
	}
	p.looked = true
	sums := make([]uint64, len(p.arrays))
	kernel.Parallel(len(p.arrays), func(i int) {
		a := p.arrays[i]
		sums[i] = maphash.Bytes(p.seed, unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(a))), 4*len(a)))
	})
	changed := func(node *network.Node) bool {
		return node != nil && slices.ContainsFunc(node.Parameters, func(k int) bool { return p.sums[k] != sums[k] })
	}
	for _, s := range p.steps {
		if s.pack != nil && (!s.packed || changed(s.Node) || changed(s.Norm)) {
			s.pack()
			s.packed = true
		}
	}
	p.sums = sums
}

// size makes room for so many images.
func (p *Plan) size(batch int) {
	for i, each := range p.slots.Sizes {
		if len(p.data) == i {
			p.data = append(p.data, nil)
		}
		if len(p.data[i]) < batch*each {
			p.data[i] = make([]float32, batch*each)
		}
	}
}

func (p *Plan) run(dst, images []float32, batch int) {
	w := &work{plan: p, images: images, batch: batch}
	if r := p.refs[network.Images]; r.buffer != input {
		w.turn(r, images)
	}
	for _, s := range p.steps {
		s.run(w)
	}
	w.leave(dst, p.refs[p.network.Output])
}

// work is a run over some images.
type work struct {
	plan   *Plan
	images []float32
	batch  int
}

// at is where a value lies for these images.
func (w *work) at(r ref) convolution.Images {
	if r.buffer == input {
		return convolution.Images{Data: w.images, Step: r.step}
	}
	return convolution.Images{Data: w.plan.data[r.buffer][r.from:], Step: r.step}
}

// turn brings images that lie channel by channel to r, where they lie pixel by pixel.
func (w *work) turn(r ref, images []float32) {
	to, size := w.at(r).Data, r.places*r.channels
	kernel.Parallel(w.batch, func(i int) {
		kernel.Transpose(to[i*size:], r.channels, images[i*size:], r.places, r.channels, r.places)
	})
}

// whole is at for a value that has its buffer to itself: all its numbers.
func (w *work) whole(r ref) []float32 {
	return w.at(r).Data[:w.batch*r.places*r.channels]
}

// unknown is the error of an operation that there is no way for.
func unknown(op network.Op) error { return fmt.Errorf("inference: no way to compute a %T", op) }

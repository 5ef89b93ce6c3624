package encoder

import (
	"errors"
	"fmt"
	"hash/maphash"

	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

type buffer = cuda.Buffer

// none is no buffer.
var none *buffer

// Encoder is a network on a device. Not safe for concurrent use.
type Encoder struct {
	context   *cuda.Context
	precision cuda.Precision
	pixels    int // numbers of an image
	dim       int // numbers of an embedding
	embedding plan
	training  *training // nil before the first step
}

// plan is a network in embedding: its steps in order, and where what they make lies.
type plan struct {
	network *network.Network
	output  network.Value
	arrays  [][]float32 // the network's parameters, in its order
	seed    maphash.Seed
	values  []value
	steps   []*step
	weights []*weight
	slots   network.Slots
	buffers []buffer
	images  buffer // as they come from the processor
	packed  []float32
}

// step is an operation and how it is run.
type step struct {
	*network.Step
	run func(*run) error
}

// New makes n ready to run over arrays, one for each of its parameters. It fails on an
// operation that no kernel is for. Device memory is taken when it is needed.
func New(c *cuda.Context, precision cuda.Precision, n *network.Network, arrays [][]float32) (*Encoder, error) {
	e := &Encoder{context: c, precision: precision, pixels: network.Elements(n.Input), dim: network.Elements(n.Shape(n.Output))}
	p := &e.embedding
	*p = plan{network: n, arrays: arrays, seed: maphash.MakeSeed(), values: make([]value, 1+len(n.Nodes))}
	var steps []*network.Step
	steps, p.output = n.Steps()
	p.values[network.Images] = lies(n.Input)
	for _, s := range steps {
		s := &step{Step: s}
		p.steps = append(p.steps, s)
		p.values[s.Out] = p.layoutOf(s.Node.Op, s.In[0], s.Out)
		if err := p.compile(s); err != nil {
			return nil, err
		}
	}
	p.place()
	return e, nil
}

// run is a run of a plan over a batch.
type run struct {
	cuda.Thread
	precision cuda.Precision
	batch     int
	at        func(network.Value) *buffer // where a value is; nil for network.None
}

// each has a kernel make n numbers; arguments gets n.
func (r *run) each(kernel string, n int, arguments func(n int) []any) error {
	return r.Launch(kernel, [3]int{(n + 511) / 512, 1, 1}, 0, arguments(n)...)
}

// What is in work at once: so many numbers of the widest value, and images.
const (
	mostNumbers = 1 << 27
	mostImages  = 512
)

// Embed stores in dst (n×Dim) the embeddings of images (n × the network's input, row-major).
// Parameters that were trained here are fetched first, and those that have changed are brought
// to the device anew.
func (e *Encoder) Embed(dst, images []float32) error {
	rows := len(images) / e.pixels
	if rows*e.pixels != len(images) || len(dst) != rows*e.dim {
		return fmt.Errorf("lengths do not fit: %d numbers of images, %d of embeddings: give n×%d and n×%d", len(images), len(dst), e.pixels, e.dim)
	}
	if rows == 0 {
		return nil
	}
	if err := e.Fetch(); err != nil {
		return err
	}
	_, widest := e.embedding.network.Size()
	most := min(mostImages, max(1, mostNumbers/widest))
	return e.context.Do(func(t cuda.Thread) error {
		if err := e.embedding.follow(t); err != nil {
			return err
		}
		for i := 0; i < rows; {
			n := min(most, rows-i)
			err := e.embedding.embed(t, e.precision, dst[i*e.dim:(i+n)*e.dim], images[i*e.pixels:(i+n)*e.pixels], n)
			switch {
			case errors.Is(err, cuda.ErrMemory) && n > 1:
				most = n / 2 // fewer at a time have the same embeddings
				e.embedding.letGo(t)
			case err != nil:
				return err
			default:
				i += n
			}
		}
		return nil
	})
}

func (p *plan) embed(t cuda.Thread, precision cuda.Precision, dst, images []float32, batch int) error {
	for i := range p.buffers {
		if err := t.Room(&p.buffers[i], "the network's values", 4*batch*p.slots.Sizes[i]); err != nil {
			return err
		}
	}
	r := &run{Thread: t, precision: precision, batch: batch, at: func(v network.Value) *buffer {
		if v == network.None {
			return none
		}
		return &p.buffers[p.values[v].slot]
	}}
	err := p.bring(r, images)
	for _, s := range p.steps {
		if err != nil {
			return err
		}
		err = s.run(r)
	}
	if err != nil {
		return err
	}
	return p.leave(t, r.at(p.output), dst, batch)
}

// bring has images go to where they are read.
func (p *plan) bring(r *run, images []float32) error {
	if err := r.Room(&p.images, "images", 4*len(images)); err != nil {
		return err
	}
	if err := r.Upload(&p.images, images); err != nil {
		return err
	}
	x := p.values[network.Images]
	return r.each("pixels", r.batch*x.size(), func(n int) []any {
		return []any{r.at(network.Images), &p.images, n, x.places, x.channels, x.step}
	})
}

// leave stores the output as it is outside.
func (p *plan) leave(t cuda.Thread, from *buffer, dst []float32, batch int) error {
	y := p.values[p.output]
	rows := make([]float32, batch*y.size())
	if err := t.Download(rows, from); err != nil {
		return err
	}
	if err := t.Wait(); err != nil {
		return err
	}
	y.outside(batch).get(dst, rows)
	return nil
}

// Close fetches what was trained, and gives the room on the device back. Embed and Train take
// it again; what optimizers remember is lost.
func (e *Encoder) Close() error {
	if err := e.Fetch(); err != nil {
		return err
	}
	return e.context.Do(func(t cuda.Thread) error {
		e.embedding.release(t)
		if e.training != nil {
			e.training.release(t)
			e.training.touched = true
		}
		return nil
	})
}

// letGo gives back the room for images and values.
func (p *plan) letGo(t cuda.Thread) {
	t.Release(&p.images)
	for i := range p.buffers {
		t.Release(&p.buffers[i])
	}
}

func (p *plan) release(t cuda.Thread) {
	p.letGo(t)
	for _, w := range p.weights {
		t.Release(&w.buffer)
		w.sums = nil
	}
}

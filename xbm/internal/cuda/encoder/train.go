package encoder

import (
	"errors"
	"fmt"
	"hash/maphash"

	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

// training is a network in training: every node's result is kept for the way back.
type training struct {
	plan
	passes  []*pass
	grads   [][]float32 // of the parameters outside; nil: not trained
	moves   []bool      // values that training changes
	results []buffer    // of each value
	back    []buffer    // their gradients, while they are needed
	has     []bool      // they are there
	more    buffer      // a gradient that is added to another
	trained []*trained
	moving  []*weight // what a pass changes without a gradient

	// What is outside is a copy, once a step was taken.
	touched                  bool // it may have been changed
	isAhead, gradientsAreNew bool // the device has newer parameters, or gradients
	bad                      buffer
}

// pass is a node on its way there and back.
type pass struct {
	node     *network.Node
	in       []network.Value
	out      network.Value
	forward  func(*run) error
	backward func(*run) error // has the gradients of the inputs that move, and of parameters
}

// trained is a parameter that is trained: where it is, and its gradient.
type trained struct {
	*weight
	layout
	parameter int
	gradient  buffer
	slots     [2]buffer // what an optimizer remembers
	held      [2]bool   // it is there
}

// Train takes one step's passes over images (n × the network's input): forward, by the
// statistics of this batch where there is batch normalisation; one call of grad, on the
// calling goroutine, which gets the embeddings and stores dL/dEmbeddings in dEmb, which comes
// zeroed; backward. Gradients, and buffers that have moved, stay on the device until Fetch. An
// error of grad ends the step and is returned as it is.
func (e *Encoder) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	batch := len(images) / e.pixels
	if batch == 0 || batch*e.pixels != len(images) {
		return fmt.Errorf("length does not fit: %d numbers of images: give n×%d, n at least 1", len(images), e.pixels)
	}
	t := e.training
	emb, dEmb := make([]float32, batch*e.dim), make([]float32, batch*e.dim)
	y := t.values[t.output]
	err := e.context.Do(func(thread cuda.Thread) error {
		r := t.run(thread, e.precision, batch)
		if t.touched {
			if err := t.follow(thread); err != nil {
				return err
			}
			t.touched = false
		}
		if err := t.forward(r, images); err != nil {
			return err
		}
		t.isAhead = t.isAhead || len(t.moving) > 0
		return t.leave(thread, &t.results[t.output], emb, batch)
	})
	if err != nil {
		return err
	}
	if err := grad(dEmb, emb); err != nil {
		return err
	}
	return e.context.Do(func(thread cuda.Thread) error {
		r := t.run(thread, e.precision, batch)
		out := make([]float32, batch*y.size())
		y.outside(batch).put(out, dEmb, nil, nil)
		if err := r.Room(&t.back[t.output], "gradients", 4*len(out)); err != nil {
			return err
		}
		t.gradientsAreNew = true
		return errors.Join(r.Upload(&t.back[t.output], out), t.backward(r))
	})
}

// Trainable makes the network ready for Train, with grads, one for each parameter (nil: it is
// not trained), for gradients that are fetched. It fails on an operation that is not trained
// here.
func (e *Encoder) Trainable(grads [][]float32) error {
	if e.training != nil {
		return nil
	}
	n, p := e.embedding.network, &e.embedding
	t := &training{
		plan:  plan{network: n, output: n.Output, arrays: p.arrays, seed: maphash.MakeSeed(), values: make([]value, 1+len(n.Nodes))},
		grads: grads, moves: make([]bool, 1+len(n.Nodes)), results: make([]buffer, 1+len(n.Nodes)),
		back: make([]buffer, 1+len(n.Nodes)), has: make([]bool, 1+len(n.Nodes)), touched: true,
	}
	t.values[network.Images] = lies(n.Input)
	for i := range n.Nodes {
		s := &pass{node: &n.Nodes[i], in: n.Nodes[i].Inputs, out: network.Value(i + 1)}
		t.passes = append(t.passes, s)
		t.values[s.out] = t.layoutOf(s.node.Op, s.in[0], s.out)
		for _, v := range s.in {
			t.moves[s.out] = t.moves[s.out] || t.moves[v]
		}
		for _, k := range s.node.Parameters {
			t.moves[s.out] = t.moves[s.out] || grads[k] != nil
		}
		if err := t.compile(s); err != nil {
			return err
		}
	}
	e.training = t
	return nil
}

// run is a run over a batch, with room for all results.
func (t *training) run(thread cuda.Thread, precision cuda.Precision, batch int) *run {
	return &run{Thread: thread, precision: precision, batch: batch, at: func(v network.Value) *buffer { return &t.results[v] }}
}

func (t *training) forward(r *run, images []float32) error {
	for v := range t.results {
		if err := r.Room(&t.results[v], "what training keeps of the network", 4*r.batch*t.values[v].size()); err != nil {
			return err
		}
	}
	if err := t.bring(r, images); err != nil {
		return err
	}
	for _, s := range t.passes {
		if err := s.forward(r); err != nil {
			return err
		}
	}
	return nil
}

func (t *training) backward(r *run) error {
	clear(t.has)
	t.has[t.output] = true
	for i := len(t.passes) - 1; i >= 0; i-- {
		s := t.passes[i]
		if t.moves[s.out] && t.has[s.out] {
			if err := s.backward(r); err != nil {
				return err
			}
		}
		r.Release(&t.back[s.out])
	}
	return nil
}

// learn is a parameter of a node, with its gradient where it is trained.
func (t *training) learn(parameter int, l layout) *trained {
	w := &trained{weight: t.plain(parameter, l), layout: l, parameter: parameter}
	if t.grads[parameter] != nil {
		t.trained = append(t.trained, w)
	}
	return w
}

// isTrained reports whether a parameter has a gradient.
func (t *training) isTrained(w *trained) bool { return w != nil && t.grads[w.parameter] != nil }

func (t *training) release(thread cuda.Thread) {
	t.plan.release(thread)
	thread.Release(&t.more, &t.bad)
	for v := range t.results {
		thread.Release(&t.results[v], &t.back[v])
	}
	for _, w := range t.trained {
		thread.Release(&w.gradient, &w.slots[0], &w.slots[1])
		w.held = [2]bool{}
	}
}

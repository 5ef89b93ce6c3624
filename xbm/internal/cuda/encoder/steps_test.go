//go:build nvidia

package encoder

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

// watched is what a step on the device makes of every value, and the values' gradients.
type watched struct {
	network      *network.Network
	batch        int
	arrays       [][]float64
	values, back [][]float64
}

func widened(x []float32) []float64 {
	all := make([]float64, len(x))
	for i, v := range x {
		all[i] = float64(v)
	}
	return all
}

// watch has a step's values and gradients be kept as they are made; e is trainable.
func watch(t *testing.T, e *Encoder, arrays [][]float32, images []float32) *watched {
	tr := e.training
	w := &watched{network: tr.network, batch: len(images) / e.pixels, values: make([][]float64, len(tr.values)), back: make([][]float64, len(tr.values))}
	for _, a := range arrays {
		w.arrays = append(w.arrays, widened(a))
	}
	w.values[network.Images] = widened(images)
	bring := func(r *run, v network.Value, from *buffer) []float64 {
		row, all := make([]float32, r.batch*tr.values[v].size()), make([]float32, r.batch*network.Elements(tr.network.Shape(v)))
		must(t, errors.Join(r.Download(row, from), r.Wait()))
		tr.values[v].outside(r.batch).get(all, row)
		return widened(all)
	}
	for _, s := range tr.passes {
		forward, backward := s.forward, s.backward
		s.forward = func(r *run) error {
			err := forward(r)
			w.values[s.out] = bring(r, s.out, r.at(s.out))
			return err
		}
		s.backward = func(r *run) error {
			w.back[s.out] = bring(r, s.out, &tr.back[s.out])
			return backward(r)
		}
	}
	return w
}

// watchedOnCard takes a step by the device, and keeps what it makes.
func watchedOnCard(t *testing.T, c *cuda.Context, n *network.Network, arrays [][]float32, images, slope []float32) (stepped, *watched) {
	t.Helper()
	s := fresh(n, arrays)
	e, err := New(c, cuda.FP32, n, s.arrays)
	must(t, err)
	must(t, e.Trainable(s.grads))
	w := watch(t, e, s.arrays, images)
	must(t, e.Train(images, func(dEmb, emb []float32) error {
		s.emb = slices.Clone(emb)
		copy(dEmb, slope)
		return nil
	}))
	must(t, e.Close())
	return s, w
}

// exact is a twin of what was watched, with no gradient yet.
func (w *watched) exact() *exact {
	e := &exact{network: w.network, batch: w.batch, arrays: w.arrays, values: slices.Clone(w.values), signs: w.values, back: make([][]float64, len(w.values))}
	for _, a := range w.arrays {
		e.grads = append(e.grads, make([]float64, len(a)))
	}
	return e
}

// distance is ‖got-want‖, in parts of ‖want‖ or of that of numbers of floor.
func distance(got, want []float64, floor float64) float64 {
	var off, norm float64
	for i, v := range want {
		off, norm = off+(got[i]-v)*(got[i]-v), norm+v*v
	}
	return math.Sqrt(off) / math.Sqrt(norm+floor*floor*float64(len(want)))
}

// stepByStep compares each step's result with what float64 makes of the values that the device
// had for it, and its gradients with those of the gradient that it had.
func (w *watched) stepByStep(t *testing.T, grads [][]float32) {
	t.Helper()
	const most = 1e-5
	e, worst := w.exact(), 0.0
	check := func(what string, v int, off float64) {
		t.Helper()
		worst = max(worst, off)
		if !(off <= most) {
			t.Errorf("value %d, %#v: %s is off by %.2g, most %.2g", v, w.network.Nodes[v-1].Op, what, off, most)
		}
	}
	for v := len(w.values) - 1; v > 0; v-- {
		e.forward(v - 1)
		check("the result", v, distance(w.values[v], e.values[v], 0))
		e.values[v] = w.values[v]
		if w.back[v] == nil {
			continue
		}
		if e.back[v] != nil {
			check("the gradient of the result", v, distance(w.back[v], e.back[v], 0))
		}
		e.back[v] = w.back[v]
		e.backward(v - 1)
		for i, k := range w.network.Nodes[v-1].Parameters {
			floor := 0.0
			if i == 1 { // a shift before batch normalisation has a gradient of nothing but rounding
				for _, g := range w.back[v] {
					floor += g * g
				}
			}
			if grads[k] != nil {
				check("the gradient of "+w.network.Parameters[k].Name, v, distance(widened(grads[k]), e.grads[k], math.Sqrt(floor/float64(len(grads[k])))))
			}
		}
	}
	t.Logf("steps are off by %.2g at most", worst)
}

// step takes the step of what was watched in float64, from its images on, with the gradient of
// the output; signs are its own, or those of the device.
func (w *watched) step(slope []float64, ofDevice bool) *exact {
	e := w.exact()
	for v := 1; v < len(e.values); v++ {
		e.forward(v - 1)
	}
	if !ofDevice {
		e.signs = e.values
	}
	e.back[e.network.Output] = slope
	for v := len(e.values) - 1; v > 0; v-- {
		if e.back[v] != nil {
			e.backward(v - 1)
		}
	}
	return e
}

// turned is how many signs at ReLUs are others than float64's, and how far from zero, at most,
// float64's numbers are there.
func (w *watched) turned(e *exact) (count int, farthest float64) {
	for _, n := range w.network.Nodes {
		if _, is := n.Op.(network.ReLU); !is {
			continue
		}
		for i, x := range e.values[n.Inputs[0]] {
			if (x > 0) != (w.values[n.Inputs[0]][i] > 0) {
				count, farthest = count+1, max(farthest, math.Abs(x))
			}
		}
	}
	return count, farthest
}

// A network of blocks like those of the inceptions, down to two places of an image: windows
// reach beyond odd sides, values are read four times, and statistics are of four numbers.
func TestStepsAreExact(t *testing.T) {
	c := open(t)
	rng := rand.New(rand.NewPCG(3, 1))
	b := network.NewBuilder(3, 13, 7)
	conv := func(x network.Value, name string, filters, size, stride int) network.Value {
		x = b.Convolution(x, name, network.Convolution{Filters: filters, Size: size, Stride: stride, Pad: size / 2, Bias: true})
		return b.ReLU(b.BatchNorm(x, name+"_bn"))
	}
	halve := network.MaxPool{Size: 3, Stride: 2, Ceil: true}
	x := b.MaxPool(conv(b.Images(), "first", 6, 3, 1), halve)
	for _, name := range []string{"a", "b"} {
		mean := b.Apply(network.AveragePool{Size: 3, Stride: 1, Pad: 1}, nil, x)
		largest := b.MaxPool(x, network.MaxPool{Size: 3, Stride: 1, Pad: 1, Ceil: true})
		x = b.Concat(conv(x, name+"1", 3, 1, 1), conv(x, name+"3", 5, 3, 1), conv(mean, name+"_mean", 2, 1, 1), conv(largest, name+"_largest", 3, 1, 1))
		x = b.Concat(conv(x, name+"_half", 5, 3, 2), b.MaxPool(x, network.MaxPool{Size: 3, Stride: 2, Pad: 1}))
	}
	x = b.Sum(x, conv(x, "last", 18, 1, 1))
	n, err := b.Finish(b.Linear(b.GlobalAverage(x), "fc", 1, 5))
	if err != nil {
		t.Fatal(err)
	}
	const batch = 2
	arrays := drawn(n, rng)
	s, w := watchedOnCard(t, c, n, arrays, gauss(rng, batch*network.Elements(n.Input)), gauss(rng, batch*5))
	w.stepByStep(t, s.grads)
}

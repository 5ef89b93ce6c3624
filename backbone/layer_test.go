package backbone

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gorgonia.org/gorgonia"
)

// finiteStep is the step of finite differences. Float32 outputs of size 1 are
// off by 1e-7, and so a difference quotient by 1e-7/finiteStep for each output;
// what curvature adds goes with finiteStep². It is a power of two, so that
// adding it to inputs of size 1 is nearly exact.
const finiteStep = 1. / 64

// What a gradient may differ from finite differences, and an output from its
// float64 twin, relative to the norm of the array. The first is mostly
// finiteStep²/6 times third derivatives, which in small batches reach 10.
const (
	gradientTolerance = 3e-3
	outputTolerance   = 1e-5
)

// source stands for the images in tests: it is a parameter, so that gradients
// with respect to it are to be had.
type source struct{ x *parameter }

func (l source) apply(b *builder, _ *gorgonia.Node) *gorgonia.Node { return b.parameter(l.x) }

// layerTest is a layer alone in a network.
type layerTest struct {
	state state // the input, called x, then the layer's
	graph *graph
	g     []float32 // dL/doutput
	least float64   // norm that smaller gradients are held to, as if they had it
}

// twin computes an output in float64 from the input and the parameters, by the
// plainest loops.
type twin func(in [][]float64) []float64

// newLayerTest puts input and the layer into a graph; the layer's parameters
// are drawn anew, so that none is 0 or 1.
func newLayerTest(t *testing.T, input []float32, shape []int, training bool, build func(*state) layer) *layerTest {
	t.Helper()
	l := &layerTest{}
	x := l.state.constant("x", 0, shape...)
	copy(x.value, input)
	layers := []layer{source{x}, build(&l.state)}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, p := range l.state.all[1:] {
		for i := range p.value {
			p.value[i] = float32(0.5 + rng.Float64()) // positive, for variances
			if p.grad != nil && rng.IntN(2) == 0 {
				p.value[i] *= -1
			}
		}
	}
	var err error
	if l.graph, err = newGraph(layers, []int{1}, training, &scratch{}); err != nil {
		t.Fatal(err)
	}
	return l
}

// output runs forward only.
func (l *layerTest) output(t *testing.T) []float32 {
	t.Helper()
	stop := errors.New("forward only")
	var out []float32
	err := l.graph.step(func(_, y []float32) error {
		out = slices.Clone(y)
		return stop
	})
	if err != stop {
		t.Fatal(err)
	}
	return out
}

// check compares the layer's output with its twin's, and every gradient with
// finite differences.
func (l *layerTest) check(t *testing.T, plain twin) {
	t.Helper()
	y := l.output(t)
	want := plain(l.float64s())
	if d := apart(y, want, norm(want)); len(y) != len(want) || !(d < outputTolerance) {
		t.Fatalf("%d outputs, %g from the twin's %d", len(y), d, len(want))
	}
	l.g = normals(rand.New(rand.NewPCG(5, 6)), len(y))
	for _, p := range l.state.all {
		fill(p.grad, float32(math.NaN())) // to be overwritten
	}
	if err := l.graph.step(func(dy, _ []float32) error { copy(dy, l.g); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, p := range l.state.all {
		if p.grad == nil {
			continue
		}
		got, want := slices.Clone(p.grad), make([]float64, len(p.value))
		for i := range p.value {
			want[i] = (l.loss(t, p, i, finiteStep) - l.loss(t, p, i, -finiteStep)) / (2 * finiteStep)
		}
		if d := apart(got, want, max(norm(want), 1e-3, l.least)); !(d < gradientTolerance) {
			t.Errorf("%s: gradient %g from finite differences\ngot  %.4v\nwant %.4v", p.name, d, got, want)
		}
	}
}

// loss is Σ g·output with element i of p moved by step.
func (l *layerTest) loss(t *testing.T, p *parameter, i int, step float32) float64 {
	t.Helper()
	before := p.value[i]
	p.value[i] += step
	var total float64
	for j, y := range l.output(t) {
		total += float64(y) * float64(l.g[j])
	}
	p.value[i] = before
	return total
}

func (l *layerTest) float64s() [][]float64 {
	var all [][]float64
	for _, p := range l.state.all {
		x := make([]float64, len(p.value))
		for i, v := range p.value {
			x[i] = float64(v)
		}
		all = append(all, x)
	}
	return all
}

// spaced returns n numbers in random order, no two and none and 0 closer than
// two steps of finite differences, so that no kink lies between.
func spaced(n int) []float32 {
	x := make([]float32, n)
	for i, place := range rand.New(rand.NewPCG(7, 8)).Perm(n) {
		x[i] = (float32(place) - float32(n/2) + 0.5) * 6 * finiteStep
	}
	return x
}

// some returns n random numbers.
func some(n int) []float32 { return normals(rand.New(rand.NewPCG(9, 10)), n) }

func sameBits(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

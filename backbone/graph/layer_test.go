package graph

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/backbone/network"
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

// testArray is a parameter, or the images.
type testArray struct {
	name        string
	value, grad []float32
}

// layerTest is a layer alone in a network.
type layerTest struct {
	all   []testArray // the images, called x, then the layer's
	graph *Graph
	g     []float32 // dL/doutput
	least float64   // norm that smaller gradients are held to, as if they had it
}

// twin computes an output in float64 from the input and the parameters, by the
// plainest loops.
type twin func(in [][]float64) []float64

// newLayerTest puts input and the layer into a graph; the layer's parameters
// are drawn anew, so that none is 0 or 1.
func newLayerTest(t *testing.T, input []float32, shape []int, training bool, layer func(b *network.Builder, x network.Value) network.Value) *layerTest {
	t.Helper()
	b := network.NewBuilder(shape[1:]...)
	n, err := b.Finish(layer(b, b.Images()))
	if err != nil {
		t.Fatal(err)
	}
	l := &layerTest{}
	rng := rand.New(rand.NewPCG(3, 4))
	var arrays []Array
	for _, p := range n.Parameters {
		a := Array{Value: make([]float32, network.Elements(p.Shape))}
		if p.IsTrained() {
			a.Grad = make([]float32, len(a.Value))
		}
		for i := range a.Value {
			a.Value[i] = float32(0.5 + rng.Float64()) // positive, for variances
			if a.Grad != nil && rng.IntN(2) == 0 {
				a.Value[i] *= -1
			}
		}
		arrays = append(arrays, a)
		l.all = append(l.all, testArray{p.Name, a.Value, a.Grad})
	}
	dx := make([]float32, len(input))
	mode := Embedding
	if training {
		mode = Training
	}
	if l.graph, err = build(n, arrays, shape[0], mode, &Scratch{}, dx); err != nil {
		t.Fatal(err)
	}
	copy(l.graph.Images, input)
	l.all = slices.Insert(l.all, 0, testArray{"x", l.graph.Images, dx})
	return l
}

// output runs forward only.
func (l *layerTest) output(t *testing.T) []float32 {
	t.Helper()
	stop := errors.New("forward only")
	var out []float32
	err := l.graph.Step(func(_, y []float32) error {
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
	for _, p := range l.all {
		fill(p.grad, float32(math.NaN())) // to be overwritten
	}
	if err := l.graph.Step(func(dy, _ []float32) error { copy(dy, l.g); return nil }); err != nil {
		t.Fatal(err)
	}
	for _, p := range l.all {
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
func (l *layerTest) loss(t *testing.T, p testArray, i int, step float32) float64 {
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
	for _, p := range l.all {
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

func normals(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func norm[T float32 | float64](x []T) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return math.Sqrt(sum)
}

// apart is ‖got-want‖, relative to scale.
func apart(got []float32, want []float64, scale float64) float64 {
	var sum float64
	for i, v := range want {
		sum += (float64(got[i]) - v) * (float64(got[i]) - v)
	}
	return math.Sqrt(sum) / scale
}

func fill(dst []float32, v float32) {
	for i := range dst {
		dst[i] = v
	}
}

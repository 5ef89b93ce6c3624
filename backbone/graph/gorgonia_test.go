package graph

import (
	"errors"
	"os"
	"regexp"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"crossbatch/backbone/network"
)

// What this package knows of gorgonia v0.9.18 and relies or turns upon. A
// failure here after an upgrade tells what to look at anew.

// gorgonia panics when it starts unless go.mod requires a later release of
// assume-no-moving-gc than gorgonia itself does. That these tests run shows
// that it does; this one names the line when somebody drops it.
func TestGorgoniaNeedsALaterAssumeNoMovingGC(t *testing.T) {
	file, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	const atLeast = "20231121144256"
	found := regexp.MustCompile(`go4\.org/unsafe/assume-no-moving-gc v[0-9.]+-(?:[0-9.]*)([0-9]{14})-`).FindSubmatch(file)
	if found == nil || string(found[1]) < atLeast {
		t.Errorf("go.mod must require go4.org/unsafe/assume-no-moving-gc of %s or later", atLeast)
	}
}

// Gradients bound to a machine's nodes add up over runs: resetting the machine
// does not clear them. Hence ours are read from the nodes that Grad returns.
func TestGorgoniaAccumulatesBoundGradients(t *testing.T) {
	g := gorgonia.NewGraph()
	x := gorgonia.NewVector(g, tensor.Float32, gorgonia.WithName("x"), gorgonia.WithValue(over([]float32{1, 2}, []int{2})))
	cost := gorgonia.Must(gorgonia.Sum(gorgonia.Must(gorgonia.Square(x))))
	nodes, err := gorgonia.Grad(cost, x)
	if err != nil {
		t.Fatal(err)
	}
	machine := gorgonia.NewTapeMachine(g, gorgonia.BindDualValues(x))
	const runs = 3
	for range runs {
		if err := machine.RunAll(); err != nil {
			t.Fatal(err)
		}
		machine.Reset()
	}
	bound, err := x.Grad()
	if err != nil {
		t.Fatal(err)
	}
	if got := bound.Data().([]float32); got[0] != runs*2 || got[1] != runs*4 {
		t.Errorf("bound gradient %v after %d runs, want %d times [2 4]", got, runs, runs)
	}
	if got := nodes[0].Value().Data().([]float32); got[0] != 2 || got[1] != 4 {
		t.Errorf("value of the gradient's node %v, want [2 4]", got)
	}
}

// An operation may call back into Go when it is run and give as its gradient
// what the call made: one run is forward, the call, backward, in this order.
func TestGorgoniaRunsALossInPlainGo(t *testing.T) {
	calls := 0
	l := newLayerTest(t, []float32{1, -2, 3}, []int{1, 3}, true, func(b *network.Builder, x network.Value) network.Value { return b.ReLU(x) })
	err := l.graph.Step(func(dEmb, emb []float32) error {
		calls++
		for i, v := range emb {
			dEmb[i] = 10 * v
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := l.all[0].grad; calls != 1 || !sameBits(got, []float32{10, 0, 30}) {
		t.Errorf("%d calls, gradient %v: want 1, [10 0 30]", calls, got)
	}
	stop := errors.New("stop")
	l.all[0].grad[0] = 7
	if err := l.graph.Step(func(_, _ []float32) error { return stop }); err != stop || l.all[0].grad[0] != 7 {
		t.Errorf("error %v, gradient %v: want no backward pass after an error", err, l.all[0].grad)
	}
}

// Two graphs, of two batch sizes, read one storage: what is written to it both
// see at the next run, without being told.
func TestGorgoniaGraphsShareStorage(t *testing.T) {
	weight := []float32{1, 1}
	run := func(rows int) func() float32 {
		g := gorgonia.NewGraph()
		x := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(rows, 2), gorgonia.WithName("x"), gorgonia.WithInit(gorgonia.Ones()))
		w := gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithShape(2, 1), gorgonia.WithName("w"), gorgonia.WithValue(over(weight, []int{2, 1})))
		y := gorgonia.Must(gorgonia.Mul(x, w))
		machine := gorgonia.NewTapeMachine(g)
		return func() float32 {
			defer machine.Reset()
			if err := machine.RunAll(); err != nil {
				t.Fatal(err)
			}
			return y.Value().Data().([]float32)[0]
		}
	}
	two, five := run(2), run(5)
	for _, want := range []float32{2, 11} {
		weight[0] = want - 1
		if a, b := two(), five(); a != want || b != want {
			t.Errorf("%g and %g, want %g of both", a, b, want)
		}
	}
}

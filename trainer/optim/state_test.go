package optim

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A restored optimizer goes on to the same values; parameter 1 had no step before.
func TestRestoredOptimizersGoOnTheSame(t *testing.T) {
	for _, c := range []Config{{}, {Name: "sgd"}, {Name: "sgd", Momentum: 0.9}} {
		rng := rand.New(rand.NewPCG(1, 1))
		draw := func(n int) []float32 {
			x := make([]float32, n)
			for i := range x {
				x[i] = rng.Float32()
			}
			return x
		}
		sizes := []int{5, 3, 2}
		a, b := fresh(t, c), fresh(t, c)
		value, later := draw(5), draw(5)
		for range 3 {
			a.Begin(0.1)
			a.Update(0, 1, value, draw(5))
			a.Update(2, 1, draw(2), draw(2))
		}
		state, err := Saved{a, sizes}.AppendBinary(nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := (Saved{b, sizes}).UnmarshalBinary(state); err != nil {
			t.Fatal(err)
		}
		copied, more := slices.Clone(value), slices.Clone(later)
		grad := draw(5)
		for _, o := range []struct {
			Optimizer
			value, later []float32
		}{{a, value, later[:3]}, {b, copied, more[:3]}} {
			o.Begin(0.1)
			o.Update(0, 1, o.value, grad)
			o.Update(1, 1, o.later, grad[:3])
		}
		if !slices.Equal(value, copied) || !slices.Equal(later, more) {
			t.Errorf("%+v: it goes on to other values", c)
		}
		if unused, err := (Saved{fresh(t, c), sizes}).AppendBinary(nil); err != nil || (Saved{fresh(t, c), sizes}).UnmarshalBinary(unused) != nil {
			t.Errorf("%+v: a state of no steps is not restored (%v)", c, err)
		}
		for cut := range state {
			if (Saved{b, sizes}).UnmarshalBinary(state[:cut]) == nil {
				t.Errorf("%+v: a state cut to %d bytes is not refused", c, cut)
			}
		}
		if (Saved{b, sizes}).UnmarshalBinary(append(state, 0)) == nil {
			t.Errorf("%+v: a state with a byte more is not refused", c)
		}
		if c.Name == "" && (Saved{b, []int{5, 3, 4}}).UnmarshalBinary(state) == nil {
			t.Error("a state of parameters of other sizes is not refused")
		}
	}
}

func fresh(t *testing.T, c Config) Optimizer {
	t.Helper()
	o, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func FuzzSaved(f *testing.F) {
	o := &Adam{}
	o.Begin(1)
	o.Update(0, 1, []float32{1, 2}, []float32{3, 4})
	sizes := []int{2, 3}
	b, _ := Saved{o, sizes}.AppendBinary(nil)
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Fuzz(func(_ *testing.T, b []byte) {
		o := &Adam{}
		if (Saved{o, sizes}).UnmarshalBinary(b) != nil {
			return
		}
		o.Begin(1)
		for i, n := range sizes {
			o.Update(i, 1, make([]float32, n), make([]float32, n))
		}
	})
}

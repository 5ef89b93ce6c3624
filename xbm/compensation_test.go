package xbm

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// compensated is what Apply comes to, as a plain loop in float64.
func compensated(c DriftCompensation, row []float32, birth int64, before, now []float32, from, to int64) []float64 {
	dim := len(row)
	move, weights := make([]float64, dim), 0.0
	for p := 0; p < len(before); p += dim {
		square := 0.0
		for k, x := range row {
			square += (float64(x) - float64(before[p+k])) * (float64(x) - float64(before[p+k]))
		}
		w := math.Exp(-square / (2 * c.Sigma * c.Sigma))
		weights += w
		for k := range row {
			move[k] += w * (float64(now[p+k]) - float64(before[p+k]))
		}
	}
	part := math.Min(1, math.Max(0, float64(to-birth)/float64(to-from)))
	length := 0.0
	for k, x := range row {
		move[k] = float64(x) + part*move[k]/weights
		length += move[k] * move[k]
	}
	for k := range move {
		move[k] /= math.Sqrt(length)
	}
	return move
}

func unitBatch(rng *rand.Rand, n, dim int) []float32 {
	x, _, _ := randomRows(rng, n, dim)
	out := unitRows(x, dim)
	for i := range x {
		x[i] = float32(out[i])
	}
	return x
}

func TestCompensationEqualsItsTwin(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 13))
		dim, capacity := 2+rng.IntN(6), compensationTile-2+int(seed%5)
		c := DriftCompensation{Probes: 5, Every: 1, Sigma: 0.3 + rng.Float64()}
		isHalf := seed%4 == 0
		m, err := MemoryConfig{Capacity: capacity, Dim: dim, Half: isHalf}.New()
		if err != nil {
			t.Fatal(err)
		}
		for step := int64(0); step < 50; step += 5 {
			if err := m.Enqueue(nil, unitBatch(rng, 33, dim), make([]int32, 33), nil, step); err != nil {
				t.Fatal(err)
			}
		}
		before, now := unitBatch(rng, 5, dim), unitBatch(rng, 5, dim)
		held := m.AppendRows(nil)
		if err := c.Apply(m, before, now, 20, 40); err != nil {
			t.Fatal(err)
		}
		tolerance := 1e-5
		if isHalf {
			tolerance = 1e-3
		}
		for i, birth := range m.Births() {
			got := widened(m.AppendRows(nil)[i*dim : (i+1)*dim])
			if want := compensated(c, held[i*dim:(i+1)*dim], birth, before, now, 20, 40); !closeTo(got, want, tolerance) {
				t.Fatalf("seed %d: row %d of step %d is %v, want %v", seed, i, birth, got, want)
			}
		}
	}
}

// Drift that is the same for all is undone, for rows of any age: what a row has
// drifted since it was stored is the part of the drift from then on.
func TestConstantDriftIsUndone(t *testing.T) {
	const dim, n = 4, 60
	rng := rand.New(rand.NewPCG(2, 14))
	velocity := []float64{0.01, -0.02, 0.005, 0.01} // a step
	at := func(x []float32, steps float64) []float32 {
		out := slices.Clone(x)
		for i := 0; i < len(x); i += dim {
			length := 0.0
			for k := range dim {
				v := float64(x[i+k]) + steps*velocity[k]
				length += v * v
			}
			for k := range dim {
				out[i+k] = float32((float64(x[i+k]) + steps*velocity[k]) / math.Sqrt(length))
			}
		}
		return out
	}
	m, err := NewMemory(n, dim)
	if err != nil {
		t.Fatal(err)
	}
	var want []float32
	for _, birth := range []int64{0, 10, 15, 20} {
		x := unitBatch(rng, n/4, dim)
		if err := m.Enqueue(nil, x, make([]int32, n/4), nil, birth); err != nil {
			t.Fatal(err)
		}
		want = append(want, at(x, float64(20-max(10, birth)))...)
	}
	before := make([]float32, 3*dim) // probes, which move by ten steps' drift
	now := make([]float32, 3*dim)
	for i := range before {
		before[i] = 0.3 + rng.Float32()
		now[i] = before[i] + float32(10*velocity[i%dim])
	}
	if err := (DriftCompensation{Probes: 3, Every: 1, Sigma: 0.5}).Apply(m, before, now, 10, 20); err != nil {
		t.Fatal(err)
	}
	if got := m.Rows(); !closeTo(widened(got), widened(want), 1e-5) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCompensationRefuses(t *testing.T) {
	good := DriftCompensation{Probes: 2, Every: 1, Sigma: 1}
	m, err := NewMemory(3, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Enqueue(nil, []float32{1, 0, 0, 0}, make([]int32, 2), nil, 0); err != nil {
		t.Fatal(err)
	}
	before, now := []float32{1, 0}, []float32{0, 1}
	for name, apply := range map[string]func() error{
		"no probes":     func() error { return good.Apply(m, nil, nil, 0, 1) },
		"other lengths": func() error { return good.Apply(m, before, now[:1], 0, 1) },
		"no time":       func() error { return good.Apply(m, before, now, 1, 1) },
		"no sigma":      func() error { return DriftCompensation{Probes: 1, Every: 1}.Apply(m, before, now, 0, 1) },
		"twice the cure": func() error {
			return good.Apply(newNormed(t, MemoryConfig{Capacity: 3, Dim: 2}, CrossBatchNorm{}), before, now, 0, 1)
		},
	} {
		if err := apply(); err == nil || !slices.Equal(m.Rows(), []float32{1, 0, 0, 0}) {
			t.Errorf("%s: %v, rows %v", name, err, m.Rows())
		}
	}
	if err := good.Apply(m, before[:1], now[:1], 0, 1); !errors.Is(err, ErrShape) {
		t.Errorf("probes of 1 number: %v", err)
	}
	// A row without a direction has none to be moved from.
	if err := good.Apply(m, before, now, 0, 1); err != nil || m.Rows()[2] != 0 || m.Rows()[3] != 0 || m.Rows()[1] == 0 {
		t.Errorf("%v (%v)", m.Rows(), err)
	}
}

package arithmetic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFinishRowsTwins(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(41, uint64(kd)))
		for n := 1; n < 150; n++ {
			rows, step, otherStep := 1+rng.IntN(4), n+rng.IntN(5), n+rng.IntN(5)
			x, bias := randomFloats(rng, (rows-1)*step+n), randomFloats(rng, n)
			var other []float32
			if rng.IntN(2) == 0 {
				other = randomFloats(rng, (rows-1)*otherStep+n)
			}
			floor := [...]float32{0, float32(math.Inf(-1))}[rng.IntN(2)]
			x[rng.IntN(len(x))] = nan
			want := slices.Clone(x)
			finishRowsPortable(want, step, other, otherStep, bias, floor, rows)
			kd.finishRows(x, step, other, otherStep, bias, floor, rows)
			if !sameBitsOrNaN(x, want) {
				t.Fatalf("%d rows of %d: got %v, want %v", rows, n, x, want)
			}
		}
	})
	mustPanic(t, "short", "arithmetic: rows too short in FinishRows", func() {
		FinishRows(make([]float32, 7), 4, nil, 0, make([]float32, 4), 0, 2)
	})
}

func sameBitsOrNaN(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return x == y || x != x && y != y })
}

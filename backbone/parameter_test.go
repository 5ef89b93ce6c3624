package backbone

import (
	"math"
	"slices"
	"testing"

	"crossbatch/backbone/network"
)

// Weights have mean 0 and the variance that is asked for, and no two draw the
// same; the rest starts as it is told.
func TestDraw(t *testing.T) {
	b := network.NewBuilder(8, 9, 9)
	x := b.Images()
	for _, name := range []string{"a", "b", "c"} {
		b.Convolution(x, name, network.Convolution{Filters: 64, Size: 3, Stride: 1, Pad: 1})
	}
	n, err := b.Finish(b.BatchNorm(x, "bn"))
	if err != nil {
		t.Fatal(err)
	}
	all := draw(n, 5)
	for _, p := range all[:3] {
		count := float64(len(p.value))
		mean, variance, want := 0., 0., 2./72
		for _, v := range p.value {
			mean += float64(v) / count
			variance += float64(v) * float64(v) / count
		}
		// Four standard errors of a mean and of a variance of 4608 normals.
		if math.Abs(mean) > 4*math.Sqrt(want/count) || math.Abs(variance/want-1) > 4*math.Sqrt(2/count) {
			t.Errorf("mean %g, variance %g: want 0, %g", mean, variance, want)
		}
	}
	if slices.Equal(all[0].value, all[1].value) || slices.Equal(all[1].value, all[2].value) {
		t.Error("two parameters, one draw")
	}
	scale, variance := all[3], all[6]
	if scale.value[7] != 1 || len(scale.grad) != 8 || variance.value[7] != 1 || variance.grad != nil {
		t.Errorf("%+v %+v", scale, variance)
	}
}

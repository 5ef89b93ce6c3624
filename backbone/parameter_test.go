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
	all := draw(n, "", 5)
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

// PyTorch's way: weights and biases are within 1/√inputs, and even there; the rest starts
// as it does in the other way.
func TestDrawAsPyTorch(t *testing.T) {
	b := network.NewBuilder(8, 9, 9)
	x := b.Convolution(b.Images(), "a", network.Convolution{Filters: 4096, Size: 3, Stride: 1, Pad: 1, Bias: true})
	n, err := b.Finish(b.Linear(b.GlobalAverage(b.BatchNorm(x, "bn")), "head", network.LinearGain, 3))
	if err != nil {
		t.Fatal(err)
	}
	all, he := draw(n, InitTorch, 5), draw(n, InitHe, 5)
	for i, inputs := range map[int]float64{0: 72, 1: 72, 6: 4096, 7: 4096} {
		bound, count, square, most := 1/math.Sqrt(inputs), float64(len(all[i].value)), 0., 0.
		for _, v := range all[i].value {
			square += float64(v) * float64(v) / count
			most = max(most, math.Abs(float64(v)))
		}
		if most > bound*(1+1e-6) || most == 0 {
			t.Errorf("%s: up to %g, want within %g", n.Parameters[i].Name, most, bound)
		}
		// The square of an even number on ±1 has mean 1/3 and variance 4/45.
		if want := bound * bound / 3; count > 1000 && math.Abs(square/want-1) > 4*math.Sqrt(0.8/count) {
			t.Errorf("%s: mean square %g, want %g", n.Parameters[i].Name, square, want)
		}
	}
	for i := 2; i < 6; i++ { // batch normalisation's
		if !slices.Equal(all[i].value, he[i].value) {
			t.Errorf("%s differs", n.Parameters[i].Name)
		}
	}
	if he[1].value[0] != 0 || he[7].value[0] != 0 {
		t.Error("biases do not start as 0")
	}
}

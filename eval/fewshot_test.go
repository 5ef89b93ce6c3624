package eval

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The classifiers are those of plain loops and the normal equations.
func TestShotsEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(46, 1))
	const dim = 3
	x, labels := blobs(rng, 7, 9, dim, 1)
	got, err := Shots(x, dim, labels, 4)
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(4, 0x5407))
	var learn, ask []int
	for _, class := range members(labels) {
		draw.Shuffle(len(class), func(i, j int) { class[i], class[j] = class[j], class[i] })
		learn, ask = append(learn, class[:4]...), append(ask, class[4:]...)
	}
	const classes = 7
	centers, size := mat.NewDense(classes, dim, nil), 4.
	mean := make([]float64, dim)
	for _, i := range learn {
		for j := range dim {
			v := float64(x[i*dim+j])
			centers.Set(int(labels[i]), j, centers.At(int(labels[i]), j)+v/size)
			mean[j] += v / float64(len(learn))
		}
	}
	a, y := mat.NewDense(len(learn), dim, nil), mat.NewDense(len(learn), classes, nil)
	for k, i := range learn {
		for j := range dim {
			a.Set(k, j, float64(x[i*dim+j])-mean[j])
		}
		y.Set(k, int(labels[i]), 1)
	}
	var gram, side, w mat.Dense
	gram.Mul(a.T(), a)
	ridgeOf := ridge * mat.Trace(&gram) / dim
	for j := range dim {
		gram.Set(j, j, gram.At(j, j)+ridgeOf)
	}
	side.Mul(a.T(), y)
	if err := w.Solve(&gram, &side); err != nil {
		t.Fatal(err)
	}
	var centroid, linear float64
	for _, i := range ask {
		near, best := 0, 0
		apart, score := make([]float64, classes), make([]float64, classes)
		for c := range classes {
			score[c] = 1. / classes // all are of one size
			for j := range dim {
				v := float64(x[i*dim+j])
				apart[c] += (v - centers.At(c, j)) * (v - centers.At(c, j))
				score[c] += (v - mean[j]) * w.At(j, c)
			}
			if apart[c] < apart[near] {
				near = c
			}
			if score[c] > score[best] {
				best = c
			}
		}
		if near == int(labels[i]) {
			centroid += 1 / float64(len(ask))
		}
		if best == int(labels[i]) {
			linear += 1 / float64(len(ask))
		}
	}
	if math.Abs(got.Centroid-centroid) > 1e-9 || math.Abs(got.Linear-linear) > 1e-9 || got.Queries != len(ask) {
		t.Errorf("%+v, want %g and %g of %d", got, centroid, linear, len(ask))
	}
}

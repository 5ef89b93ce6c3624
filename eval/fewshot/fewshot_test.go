package fewshot

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"

	"crossbatch/eval"
)

// The classifiers are those of plain loops and the normal equations.
func TestScoresEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(46, 1))
	const dim = 3
	x, labels := blobs(rng, 7, 9, dim, 1)
	got, err := Score(x, dim, labels, 4)
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(4, 0x5407))
	var learn, ask []int
	for _, class := range eval.ByClass(labels) {
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

// blobs are embeddings of classes around centres that are spread apart.
func blobs(rng *rand.Rand, classes, each, dim int, spread float64) (x []float32, labels []int32) {
	for c := range classes {
		center := make([]float64, dim)
		for j := range center {
			center[j] = spread * rng.NormFloat64()
		}
		for range each {
			for _, v := range center {
				x = append(x, float32(v+rng.NormFloat64()))
			}
			labels = append(labels, int32(c))
		}
	}
	return x, labels
}

func TestScore(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 1))
	x, labels := blobs(rng, 10, 12, 6, 8)
	f, err := Score(x, 6, labels, 1)
	if err != nil || f.Centroid < 0.99 || f.Linear < 0.95 || f.Neighbors < 0.99 || f.Queries != 60 {
		t.Errorf("%+v %v", f, err)
	}
	// A dimension of noise drowns the centroids, not the linear map.
	for i := range labels {
		x[i*6] = float32(60 * rng.NormFloat64())
	}
	g, err := Score(x, 6, labels, 1)
	if err != nil || g.Linear < 0.7 || g.Centroid > g.Linear/2 {
		t.Errorf("%+v %v", g, err)
	}
	labels[0] = 99
	if h, err := Score(x, 6, labels, 1); err != nil || h.Queries != 60 {
		t.Errorf("a class of one: %+v %v", h, err)
	}
	if _, err := Score(x, 6, make([]int32, len(labels)), 1); err == nil {
		t.Error("a single class is not refused")
	}
}

package eval

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The principal components are a singular value decomposition's, up to sign.
func TestPCAEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 1))
	const n, dim, components = 300, 12, 3
	rows, wide := make([]float32, n*dim), mat.NewDense(n, dim, nil)
	for i := range rows {
		rows[i] = float32(5 + rng.NormFloat64()*math.Pow(2, -float64(i%dim)))
	}
	for j := range dim {
		var mean float64
		for i := range n {
			mean += float64(rows[i*dim+j]) / n
		}
		for i := range n {
			wide.Set(i, j, float64(rows[i*dim+j])-mean)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(wide, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	var v, want mat.Dense
	svd.VTo(&v)
	want.Mul(wide, &v)
	p, err := NewPCA(rows, dim, components, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Project(rows)
	for c := range components {
		sign := 1.0
		if got[c] < 0 != (want.At(0, c) < 0) {
			sign = -1
		}
		for i := range n {
			if math.Abs(float64(got[i*components+c])-sign*want.At(i, c)) > 0.01 {
				t.Fatalf("row %d, component %d: %g, want %g", i, c, got[i*components+c], sign*want.At(i, c))
			}
		}
	}
}

package projection

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/eval"

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

func TestPCAKeepsWhatVaries(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 1))
	const n, dim, rank = 200, 40, 3
	basis := make([]float32, rank*dim)
	for i := range basis {
		basis[i] = float32(rng.NormFloat64())
	}
	rows := make([]float32, n*dim)
	for i := range n {
		for k := range rank {
			f := float32(rng.NormFloat64() * float64(rank-k))
			for j := range dim {
				rows[i*dim+j] += f*basis[k*dim+j] + 1
			}
		}
	}
	p, err := NewPCA(rows, dim, rank, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Project(rows)
	// Distances stay, as nothing varies beyond the components; and the components
	// are uncorrelated, the first the largest.
	want, err := eval.Neighbors(rows, dim, 5)
	if err != nil {
		t.Fatal(err)
	}
	found, err := eval.Neighbors(got, rank, 5)
	if err != nil {
		t.Fatal(err)
	}
	other := 0
	for i := range want {
		if want[i] != found[i] {
			other++
		}
	}
	if other > 5 {
		t.Errorf("%d of %d neighbours differ", other, len(want))
	}
	var moments [rank][rank]float64
	for i := range n {
		for a := range rank {
			for b := range rank {
				moments[a][b] += float64(got[i*rank+a]) * float64(got[i*rank+b])
			}
		}
	}
	for a := range rank {
		for b := range a {
			if math.Abs(moments[a][b]) > 1e-3*moments[0][0] || moments[a][a] > moments[b][b] {
				t.Errorf("moments %v", moments)
			}
		}
	}
}

package graph

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// counted is the BLAS under test, and counts.
type counted struct {
	BLAS
	products *int
}

func (c counted) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, x []float32, ldx int) {
	*c.products++
	c.BLAS.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, x, ldx)
}

// gorgonia's own product and its gradients run on it and come out right.
func TestGorgoniaMultipliesByKernel(t *testing.T) {
	products := 0
	gorgonia.Use(counted{products: &products})
	defer gorgonia.Use(gonum.Implementation{})
	rng := rand.New(rand.NewPCG(1, 1))
	const m, k, n = 13, 21, 17
	draw := func(size int) []float32 {
		x := make([]float32, size)
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
		return x
	}
	a, b := draw(m*k), draw(k*n)
	g := gorgonia.NewGraph()
	matrix := func(name string, x []float32, rows, cols int) *gorgonia.Node {
		return gorgonia.NewMatrix(g, tensor.Float32, gorgonia.WithName(name), gorgonia.WithShape(rows, cols),
			gorgonia.WithValue(tensor.New(tensor.WithShape(rows, cols), tensor.WithBacking(x))))
	}
	x, y := matrix("a", a, m, k), matrix("b", b, k, n)
	product := gorgonia.Must(gorgonia.Mul(x, y))
	grads, err := gorgonia.Grad(gorgonia.Must(gorgonia.Sum(product)), x, y)
	if err != nil {
		t.Fatal(err)
	}
	vm := gorgonia.NewTapeMachine(g)
	defer func() {
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	if products != 3 {
		t.Errorf("%d products, want 3", products)
	}
	sum := func(terms int, term func(l int) float32) (s float64) {
		for l := range terms {
			s += float64(term(l))
		}
		return s
	}
	check := func(name string, node *gorgonia.Node, want func(i int) float64) {
		for i, v := range node.Value().Data().([]float32) {
			if w := want(i); math.Abs(float64(v)-w) > 1e-4*(1+math.Abs(w)) {
				t.Fatalf("%s %d is %g, want %g", name, i, v, w)
			}
		}
	}
	check("product", product, func(i int) float64 {
		return sum(k, func(l int) float32 { return a[i/n*k+l] * b[l*n+i%n] })
	})
	check("gradient of a", grads[0], func(i int) float64 {
		return sum(n, func(l int) float32 { return b[i%k*n+l] })
	})
	check("gradient of b", grads[1], func(i int) float64 {
		return sum(m, func(l int) float32 { return a[l*k+i/n] })
	})
}

package fewshot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize/convex/lp"
)

// total is the sum of distances that a classification comes to.
func total(distances []float32, class []int) (sum float64) {
	for q, c := range class {
		sum += float64(distances[c*len(class)+q])
	}
	return sum
}

// The classification is feasible, and none is nearer: gonum's simplex has the same least
// sum, and where it is the only solution, the same classes.
func TestIntraDomainEqualsTheSimplex(t *testing.T) {
	rng := rand.New(rand.NewPCG(77, 1))
	for range 60 {
		classes := 1 + rng.IntN(4)
		n := classes + rng.IntN(5)
		distances := make([]float32, classes*n)
		for i := range distances {
			distances[i] = rng.Float32()
			if i/n == 0 {
				distances[i] += 0.5 // a class that is nobody's nearest, mostly
			}
		}
		class := intraDomain(slices.Clone(distances), classes, n)
		for c := range classes {
			if !slices.Contains(class, c) {
				t.Fatalf("%d classes, %d queries: class %d has none: %v", classes, n, c, class)
			}
		}
		// Variables are M by rows, then what a class has beyond one. The sum of the
		// constraints of the queries makes none of the classes' superfluous.
		variables := classes*n + classes
		cost, a, b := make([]float64, variables), mat.NewDense(n+classes, variables, nil), make([]float64, n+classes)
		for c := range classes {
			for q := range n {
				cost[c*n+q] = float64(distances[c*n+q])
				a.Set(q, c*n+q, 1)
				a.Set(n+c, c*n+q, 1)
			}
			a.Set(n+c, classes*n+c, -1)
		}
		for i := range b {
			b[i] = 1
		}
		least, m, err := lp.Simplex(cost, a, b, 1e-10, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := total(distances, class); math.Abs(got-least) > 1e-6 {
			t.Errorf("%d classes, %d queries: sum %g, the simplex says %g", classes, n, got, least)
		}
		for q, c := range class {
			if m[c*n+q] < 0.5 {
				t.Errorf("%d classes, %d queries: query %d is given %d, the simplex's shares are %v", classes, n, q, c, m[:classes*n])
			}
		}
	}
}

// By hand: all three queries are nearest to the first class; the second takes the one
// that it costs 1 more, the third the one of 0.5 more, and not the 0.25 of the query that
// the second takes.
func TestIntraDomainByHand(t *testing.T) {
	distances := []float32{
		1, 1, 1,
		3, 2, 3,
		1.5, 1.25, 4,
	}
	if got := intraDomain(slices.Clone(distances), 3, 3); !slices.Equal(got, []int{2, 1, 0}) {
		t.Errorf("%v", got)
	}
	// Nothing is taken from its nearest class where each class has one.
	distances = []float32{
		1, 5, 5, 1,
		5, 1, 5, 2,
		5, 5, 1, 3,
	}
	if got := intraDomain(slices.Clone(distances), 3, 4); !slices.Equal(got, []int{0, 1, 2, 0}) {
		t.Errorf("%v", got)
	}
}

// The least sum and the classes that scipy 1.10.1 finds: linprog, by HiGHS.
func TestIntraDomainReference(t *testing.T) {
	const classes, n = 7, 11
	distances := make([]float32, classes*n)
	for c := range classes {
		for q := range n {
			distances[c*n+q] = float32((1 + (c*37+q*61+c*q%13*17)%101)) / 101
			if c%3 == 0 {
				distances[c*n+q]++
			}
		}
	}
	class := intraDomain(slices.Clone(distances), classes, n)
	if want := []int{3, 1, 4, 4, 6, 0, 5, 4, 2, 2, 1}; !slices.Equal(class, want) {
		t.Errorf("%v, want %v", class, want)
	}
	if got := total(distances, class); math.Abs(got-4.475247524752476) > 1e-5 {
		t.Errorf("sum %g", got)
	}
}

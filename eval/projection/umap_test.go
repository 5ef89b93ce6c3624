package projection

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"crossbatch/eval"
)

// Section 3.1: the nearnesses of a row add up to log2 k, that of its nearest is 1.
func TestNearnessAddsUp(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for range 50 {
		distances := make([]float64, 15)
		for i := range distances {
			distances[i] = rng.Float64()
		}
		slices.Sort(distances)
		got := make([]float64, len(distances))
		smoothNearness(got, distances)
		var sum float64
		for _, v := range got {
			sum += v
		}
		if got[0] != 1 || math.Abs(sum-math.Log2(15)) > 1e-6 || !slices.IsSortedFunc(got, func(a, b float64) int { return int(math.Copysign(1, b-a)) }) {
			t.Errorf("%v add up to %v", got, sum)
		}
	}
}

// The forces are the derivatives of what is minimised.
func TestForcesAreDerivatives(t *testing.T) {
	near := func(x, y float64) float64 { return 1 / (1 + umapA*math.Pow(x*x+y*y, umapB)) }
	for _, p := range [][2]float64{{.3, .2}, {-1, 2}, {5, .1}} {
		const h = 1e-6
		pull := (math.Log(near(p[0]+h, p[1])) - math.Log(near(p[0]-h, p[1]))) / (2 * h)
		push := (math.Log(1-near(p[0]+h, p[1])) - math.Log(1-near(p[0]-h, p[1]))) / (2 * h)
		square := p[0]*p[0] + p[1]*p[1]
		if got := attraction(square) * p[0]; math.Abs(got-pull) > 1e-5 {
			t.Errorf("attraction at %v: %v, want %v", p, got, pull)
		}
		if got := repulsion(square) * p[0] * (1e-3 + square) / square; math.Abs(got-push) > 1e-5 {
			t.Errorf("repulsion at %v: %v, want %v", p, got, push)
		}
	}
}

// a and b are the least squares fit to the curve that the paper wants (section 3.2):
// no step away from them is better.
func TestTheCurveFits(t *testing.T) {
	off := func(a, b float64) (sum float64) {
		for i := range 300 {
			d := 3 * float64(i) / 299
			want := 1.0
			if d > 0.1 {
				want = math.Exp(-(d - 0.1))
			}
			e := 1/(1+a*math.Pow(d, 2*b)) - want
			sum += e * e
		}
		return sum
	}
	best := off(umapA, umapB)
	for _, step := range [][2]float64{{.01, 0}, {-.01, 0}, {0, .01}, {0, -.01}, {.01, .01}, {-.01, -.01}} {
		if off(umapA+step[0], umapB+step[1]) < best {
			t.Errorf("a step of %v is better than %v", step, best)
		}
	}
}

// clusters are n rows around as many centres, which two components cannot part.
func clusters(n, dim, centres int) (rows []float32, labels []int) {
	rng := rand.New(rand.NewPCG(7, 7))
	middle := make([]float64, centres*dim)
	for i := range middle {
		middle[i] = rng.NormFloat64()
	}
	for i := range n {
		c := i % centres
		labels = append(labels, c)
		for j := range dim {
			rows = append(rows, float32(middle[c*dim+j]+0.25*rng.NormFloat64()))
		}
	}
	return rows, labels
}

// pure is the share of rows whose nearest on the plane has their label.
func pure(t *testing.T, place []float32, labels []int) float64 {
	t.Helper()
	nearest, err := eval.Neighbors(place, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for i, j := range nearest {
		if labels[i] == labels[j] {
			same++
		}
	}
	return float64(same) / float64(len(labels))
}

func TestNeighboursStayNeighbours(t *testing.T) {
	rows, labels := clusters(900, 30, 30)
	place, err := UMAP{Seed: 1}.Layout(rows, 30)
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewPCA(rows, 30, 2, 1)
	if err != nil {
		t.Fatal(err)
	}
	umap, pca := pure(t, place, labels), pure(t, p.Project(rows), labels)
	if umap < 0.99 || pca > 0.8 {
		t.Errorf("of a row's label is its nearest in %.3f of the rows, by principal components %.3f", umap, pca)
	}
}

func TestLayoutIsTheSameForAnyThreads(t *testing.T) {
	rows, _ := clusters(300, 20, 10)
	layout := func(seed uint64) []float32 {
		place, err := UMAP{Seed: seed, Epochs: 30}.Layout(rows, 20)
		if err != nil {
			t.Fatal(err)
		}
		return place
	}
	want := layout(3)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if !slices.Equal(layout(3), want) {
		t.Error("one thread has another layout")
	}
	if slices.Equal(layout(4), want) {
		t.Error("the seed makes no difference")
	}
}

// tiedRows are random rows, some of them equal or nearly so.
func tiedRows(rng *rand.Rand, n, dim int) []float32 {
	x := make([]float32, n*dim)
	for i := range n {
		row := x[i*dim : (i+1)*dim]
		if from := rng.IntN(i + 1); from < i && rng.IntN(3) == 0 {
			copy(row, x[from*dim:(from+1)*dim])
			row[rng.IntN(dim)] += 1e-7 * float32(rng.IntN(2))
			continue
		}
		for c := range row {
			row[c] = float32(rng.NormFloat64())
		}
	}
	return x
}

func TestLayoutOfFewOrEqualRows(t *testing.T) {
	for n := range 6 {
		for _, rows := range [][]float32{make([]float32, n*4), tiedRows(rand.New(rand.NewPCG(1, 1)), n, 4)} {
			place, err := UMAP{}.Layout(rows, 4)
			if err != nil || len(place) != 2*n {
				t.Fatalf("%d rows: %v (%v)", n, place, err)
			}
			for _, v := range place {
				if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
					t.Errorf("%d rows: %v", n, place)
				}
			}
		}
	}
	if _, err := (UMAP{}).Layout(make([]float32, 5), 2); err == nil {
		t.Error("five numbers in rows of two")
	}
	if _, err := (UMAP{}).Layout(make([]float32, 50), 1); err != nil {
		t.Error(err)
	}
}

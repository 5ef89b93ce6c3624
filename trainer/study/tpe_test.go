package study

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"crossbatch/trainer"
)

// branin is a known function of two variables with three equal minima of 0.397887 (Laurence
// Dixon, Giorgio Szegö, Towards Global Optimisation 2, 1978), its range brought to the unit
// square and its sign turned.
func branin(x []float64) float64 {
	a, b := 15*x[0]-5, 15*x[1]
	y := b - 5.1/(4*math.Pi*math.Pi)*a*a + 5/math.Pi*a - 6
	return -(y*y + 10*(1-1/(8*math.Pi))*math.Cos(a) + 10)
}

// valley depends on two of four variables together.
func valley(x []float64) float64 {
	return -(x[0]+x[1]-1.2)*(x[0]+x[1]-1.2) - 0.3*(x[0]-0.8)*(x[0]-0.8) - 0.01*x[2]
}

// search is the best of so many trials, of which the first are random.
func searchFor(f func([]float64) float64, dim int, seed uint64, trials, random int) float64 {
	space := make(Space, dim)
	var points [][]float64
	var scores []float64
	for i := range trials {
		point := space.point(seed, i)
		if i >= random {
			point = tpe{seed}.propose(points, scores)
		}
		points, scores = append(points, point), append(scores, f(point))
	}
	return slices.Max(scores)
}

// Over 120 seeds TPE finds better than random search from the same first trials, by more than
// five standard errors of the paired differences.
func TestTPEFindsBetterThanRandom(t *testing.T) {
	for name, c := range map[string]struct {
		f   func([]float64) float64
		dim int
	}{"Branin": {branin, 2}, "valley": {valley, 4}} {
		var gains []float64
		wins := 0
		for seed := range uint64(120) {
			byTPE, byRandom := searchFor(c.f, c.dim, seed, 50, 10), searchFor(c.f, c.dim, seed, 50, 50)
			gains = append(gains, math.Log(-byRandom-offset(name))-math.Log(-byTPE-offset(name)))
			if byTPE > byRandom {
				wins++
			}
		}
		mean, deviation := stat.MeanStdDev(gains, nil)
		z := mean / stat.StdErr(deviation, float64(len(gains)))
		t.Logf("%s: %d of %d better, log of the regrets' ratio %.2f, %.1f standard errors", name, wins, len(gains), mean, z)
		if z < 5 {
			t.Errorf("%s: %d of %d better, %.1f standard errors", name, wins, len(gains), z)
		}
	}
}

// offset is the least that a function's negative can be, less a little.
func offset(name string) float64 {
	if name == "Branin" {
		return 0.397887 - 1e-6
	}
	return -1e-6
}

// The density is one: it adds up to 1 over the cube, and what is drawn from it lies there.
func TestParzenIsADensity(t *testing.T) {
	points := [][]float64{{0, 0.1}, {0.5, 0.5}, {0.98, 1}, {0.2, 0.9}}
	p := newParzen(points, []int{0, 1, 2, 3}, 2)
	const n = 400
	sum := 0.
	for i := range n {
		for j := range n {
			sum += math.Exp(p.log([]float64{(float64(i) + 0.5) / n, (float64(j) + 0.5) / n})) / n / n
		}
	}
	if math.Abs(sum-1) > 1e-4 {
		t.Errorf("it adds up to %g", sum)
	}
	// What is drawn has the density's mean of the first variable, by four standard errors.
	random := rand.New(rand.NewPCG(1, 1))
	var drawn, wanted float64
	for range 4000 {
		x := p.draw(random)
		if len(x) != 2 || x[0] < 0 || x[0] > 1 || x[1] < 0 || x[1] > 1 {
			t.Fatalf("%v is drawn", x)
		}
		drawn += x[0] / 4000
	}
	for i := range n {
		for j := range n {
			x := []float64{(float64(i) + 0.5) / n, (float64(j) + 0.5) / n}
			wanted += x[0] * math.Exp(p.log(x)) / n / n
		}
	}
	if math.Abs(drawn-wanted) > 4*0.3/math.Sqrt(4000) {
		t.Errorf("mean %g, want %g", drawn, wanted)
	}
}

// Trials that failed are worst, all alike or none is no matter, and the same past gives the
// same point.
func TestWhatTPEProposes(t *testing.T) {
	points := [][]float64{{0.1}, {0.2}, {0.8}, {0.9}, {0.5}, {0.15}, {0.85}}
	failed := []float64{math.NaN(), math.NaN(), 1, 1.1, math.NaN(), math.NaN(), 0.9}
	for _, scores := range [][]float64{failed, {1, 1, 1, 1, 1, 1, 1}, {math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN(), math.NaN()}} {
		a, b := tpe{3}.propose(points, scores), tpe{3}.propose(points, scores)
		if !slices.Equal(a, b) || !(a[0] >= 0 && a[0] <= 1) {
			t.Errorf("%v, then %v", a, b)
		}
	}
	if x := (tpe{3}).propose(points, failed); x[0] < 0.5 {
		t.Errorf("%g is among what failed", x[0])
	}
	if x := (tpe{1}).propose([][]float64{{0.5}}, []float64{1}); len(x) != 1 {
		t.Errorf("after one trial: %v", x)
	}
}

// The trials of a protocol by TPE depend on the scores before them and on nothing after; those
// at random are those of a random search.
func TestSettingsByTPE(t *testing.T) {
	c := trainer.Default()
	m := Method{Name: "m", Config: c, Space: Space{{Key: "lr", Low: 1e-4, High: 1e-1}, {Key: "dim", Low: 8, High: 256}}}
	p := Protocol{Base: c, Trials: 9, Folds: 2, Sampler: SamplerTPE}
	scores := []float64{0.1, 0.3, 0.2, 0.5, math.NaN(), 0.4, 0.2, 0.1}
	all, err := p.Settings(m, scores)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 9 {
		t.Fatalf("%d trials, want 9", len(all))
	}
	for i := range all {
		part, err := p.Settings(m, scores[:i])
		if err != nil || !slices.Equal(part[i], all[i]) {
			t.Errorf("trial %d: %v, and later %v (%v)", i, part[i], all[i], err)
		}
		drawn, err := m.Space.Draw(c, c.Seed, i)
		if random := slices.Equal(drawn, all[i]); err != nil || random != (i < 3) {
			t.Errorf("trial %d of 9: at random is %v", i, random)
		}
		if _, err := apply(c, all[i]); err != nil {
			t.Errorf("trial %d: %v", i, err)
		}
	}
	p.Sampler = ""
	if all, err = p.Settings(m, scores); err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if drawn, _ := m.Space.Draw(c, c.Seed, i); !slices.Equal(drawn, all[i]) {
			t.Errorf("random trial %d: %v, want %v", i, all[i], drawn)
		}
	}
}

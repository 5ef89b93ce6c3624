package eval

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The wanted numbers are those of testdata/reference/nested.py: restricted maximum
// likelihood for the equal splits, and quadratic forms.
func TestNestedIntervalAgainstReference(t *testing.T) {
	_, halfOfMeans := Interval([]float64{11, 45.5 / 3, 9.25})
	for _, c := range []struct {
		splits [][]float64
		want   Nested
	}{
		{[][]float64{{60.1, 61.0, 60.4}, {57.2, 58.1, 57.5}, {62.3, 61.8, 62.9}, {59.0, 60.2, 59.1}},
			Nested{Mean: 59.9666667, Half: 3.15194905, Within: 0.359511559, Splits: 1.95613943, Seeds: 0.540061725}},
		{[][]float64{{10, 12}, {15, 14, 16.5}, nil, {9, 9.5, 8, 10.5}},
			Nested{Mean: 11.8055556, Half: halfOfMeans, Within: 1.00547797, Splits: 3.17290209, Seeds: 1.1843892}},
	} {
		got := NestedInterval(c.splits)
		for _, n := range [][2]float64{{got.Mean, c.want.Mean}, {got.Half, c.want.Half}, {got.Within, c.want.Within}, {got.Splits, c.want.Splits}, {got.Seeds, c.want.Seeds}} {
			if !(math.Abs(n[0]-n[1]) < 1e-6) {
				t.Errorf("%v:\n%+v, want\n%+v", c.splits, got, c.want)
				break
			}
		}
	}
}

// What cannot be known is not made up: of one split nothing of splits, of one seed each
// nothing of seeds.
func TestNestedIntervalOfFew(t *testing.T) {
	scores := []float64{1, 2, 4}
	one := NestedInterval([][]float64{scores})
	if _, half := Interval(scores); !math.IsNaN(one.Half) || !math.IsNaN(one.Splits) || math.Abs(one.Within-half) > 1e-12 {
		t.Errorf("one split: %+v", one)
	}
	each := NestedInterval([][]float64{{1}, {2}, {4}})
	if _, half := Interval(scores); each.Half != half || !math.IsNaN(each.Within) || !math.IsNaN(each.Seeds) || !math.IsNaN(each.Splits) {
		t.Errorf("one seed each: %+v", each)
	}
	if none := NestedInterval(nil); !math.IsNaN(none.Mean) {
		t.Errorf("nothing: %+v", none)
	}
	if same := NestedInterval([][]float64{{1, 3}, {3, 1}}); same.Splits != 0 || same.Half != 0 {
		t.Errorf("splits alike: %+v", same)
	}
}

// Of many draws from the model, 95 % of the intervals over splits and seeds hold the mean,
// where the interval of all scores as if they were independent holds it far less often.
func TestNestedIntervalHoldsTheMean(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const draws = 2000
	var nested, naive float64
	for range draws {
		var splits [][]float64
		var all []float64
		for range 5 {
			effect := 2 * rng.NormFloat64()
			var scores []float64
			for range 3 {
				scores = append(scores, effect+rng.NormFloat64())
			}
			splits, all = append(splits, scores), append(all, scores...)
		}
		if r := NestedInterval(splits); math.Abs(r.Mean) <= r.Half {
			nested++
		}
		if mean, half := Interval(all); math.Abs(mean) <= half {
			naive++
		}
	}
	// Four standard errors of a share of 95 % in 2,000 draws are 2 points.
	if share := nested / draws; math.Abs(share-0.95) > 0.02 {
		t.Errorf("%.1f %% of the intervals hold the mean", 100*share)
	}
	if share := naive / draws; share > 0.85 {
		t.Errorf("scores taken as independent: %.1f %% hold the mean", 100*share)
	}
}

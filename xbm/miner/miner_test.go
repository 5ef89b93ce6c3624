package miner

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/pair"
)

// minerCases are the miners, with plain twins over everything at once. The draws
// of distance-weighted mining have a test of their own.
func minerCases() map[string]struct {
	miner func() pair.Miner
	twin  func(v *twin.View) twin.Selection
} {
	type c = struct {
		miner func() pair.Miner
		twin  func(v *twin.View) twin.Selection
	}
	return map[string]c{
		"multi-similarity": {
			func() pair.Miner { return &MultiSimilarity{Epsilon: 0.1} }, multiSimilarityMinerTwin(false, 0.1)},
		"multi-similarity-euclidean": {
			func() pair.Miner { return &MultiSimilarity{Euclidean: true, Epsilon: 0.3} }, multiSimilarityMinerTwin(true, 0.3)},
		"pair-margin": {
			func() pair.Miner { return &Margin{Euclidean: true, PosMargin: 1.2, NegMargin: 1.3} }, pairMarginTwin(true, 1.2, 1.3)},
		"pair-margin-cosine": {
			func() pair.Miner { return &Margin{PosMargin: 0.2, NegMargin: 0.1} }, pairMarginTwin(false, 0.2, 0.1)},
		"triplet-all": {
			func() pair.Miner { return &Triplet{Kind: AllTriplets, Margin: 0.2} }, tripletMinerTwin(AllTriplets, false, 0.2)},
		"triplet-hard": {
			func() pair.Miner { return &Triplet{Kind: HardTriplets, Margin: 0.2} }, tripletMinerTwin(HardTriplets, false, 0.2)},
		"triplet-semihard": {
			func() pair.Miner { return &Triplet{Kind: SemihardTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(SemihardTriplets, true, 0.2)},
		"triplet-easy": {
			func() pair.Miner { return &Triplet{Kind: EasyTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(EasyTriplets, true, 0.2)},
		"batch-hard":        {func() pair.Miner { return &EasyHard{} }, easyHardTwin(Hard, Hard)},
		"easy-semihard":     {func() pair.Miner { return &EasyHard{Pos: Easy, Neg: Semihard} }, easyHardTwin(Easy, Semihard)},
		"semihard-hard":     {func() pair.Miner { return &EasyHard{Pos: Semihard, Neg: Hard} }, easyHardTwin(Semihard, Hard)},
		"semihard-easy":     {func() pair.Miner { return &EasyHard{Pos: Semihard, Neg: Easy} }, easyHardTwin(Semihard, Easy)},
		"hard-semihard":     {func() pair.Miner { return &EasyHard{Pos: Hard, Neg: Semihard} }, easyHardTwin(Hard, Semihard)},
		"easy-easy":         {func() pair.Miner { return &EasyHard{Pos: Easy, Neg: Easy} }, easyHardTwin(Easy, Easy)},
		"all-hard":          {func() pair.Miner { return &EasyHard{Pos: All, Neg: Hard} }, easyHardTwin(All, Hard)},
		"easy-all":          {func() pair.Miner { return &EasyHard{Pos: Easy, Neg: All} }, easyHardTwin(Easy, All)},
		"easy-hard-all-all": {func() pair.Miner { return &EasyHard{Pos: All, Neg: All} }, easyHardTwin(All, All)},
	}
}

// extremesOf are how far the farthest and the nearest pair of a kind are apart.
func extremesOf(v *twin.View, i int, kind twin.Kind, isEuclidean bool) (far, near float64) {
	far, near = math.Inf(-1), math.Inf(1)
	for j, s := range v.S[i] {
		if v.Kind[i][j] == kind {
			far, near = math.Max(far, twin.Apart(isEuclidean, s)), math.Min(near, twin.Apart(isEuclidean, s))
		}
	}
	return far, near
}

func multiSimilarityMinerTwin(isEuclidean bool, epsilon float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		return v.Filtered(func(i, j int) bool {
			hardest, _ := extremesOf(v, i, twin.Positive, isEuclidean)
			_, nearest := extremesOf(v, i, twin.Negative, isEuclidean)
			x := twin.Apart(isEuclidean, v.S[i][j])
			if v.Kind[i][j] == twin.Positive {
				return x+epsilon > nearest
			}
			return x-epsilon < hardest
		})
	}
}

func pairMarginTwin(isEuclidean bool, posMargin, negMargin float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		return v.Filtered(func(i, j int) bool {
			s, isPositive := v.S[i][j], v.Kind[i][j] == twin.Positive
			if isEuclidean {
				return isPositive && twin.Distance(s) > posMargin || !isPositive && twin.Distance(s) < negMargin
			}
			return isPositive && s < posMargin || !isPositive && s > negMargin
		})
	}
}

func tripletMinerTwin(kind TripletKind, isEuclidean bool, margin float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		base := v.S
		partner := func(i, p, n int) bool {
			farther := twin.Apart(isEuclidean, base[i][n]) - twin.Apart(isEuclidean, base[i][p])
			switch kind {
			case HardTriplets:
				return farther <= 0
			case SemihardTriplets:
				return farther > 0 && farther <= margin
			case EasyTriplets:
				return farther > margin
			}
			return farther <= margin
		}
		times := make([][]int, len(v.S))
		for i := range times {
			times[i] = make([]int, len(v.S[i]))
		}
		v.Triplets(func(i, p, n int) {
			if partner(i, p, n) {
				times[i][p]++
				times[i][n]++
			}
		})
		out := v.Filtered(func(i, j int) bool { return times[i][j] > 0 })
		out.Times, out.Partner = times, partner
		return out
	}
}

func easyHardTwin(pos, neg Strategy) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		out := v.Filtered(func(int, int) bool { return false })
		for i := range v.S {
			// choose is the most similar pair of a kind, or the least, within bounds.
			choose := func(kind twin.Kind, most bool, above, below float64) int {
				at := -1
				for j, s := range v.S[i] {
					if v.Kind[i][j] == kind && s > above && s < below && (at < 0 || most == (s > v.S[i][at])) {
						at = j
					}
				}
				return at
			}
			inf := math.Inf(1)
			p, n := choose(twin.Positive, pos == Easy, -inf, inf), choose(twin.Negative, neg != Easy, -inf, inf)
			if pos == Semihard && n >= 0 {
				p = choose(twin.Positive, false, v.S[i][n], inf)
			}
			if neg == Semihard && p >= 0 {
				n = choose(twin.Negative, true, -inf, v.S[i][p])
			}
			if pos != All && neg != All && (p < 0 || n < 0) {
				continue
			}
			for j, kind := range v.Kind[i] {
				if kind == twin.Positive && (pos == All || j == p) || kind == twin.Negative && (neg == All || j == n) {
					out.Kind[i][j] = kind
				}
			}
		}
		return out
	}
}

func TestMinersEqualTheirTwins(t *testing.T) {
	for name, c := range minerCases() {
		for seed, shape := range []struct{ n, m, dim, classes int }{
			{12, -1, 6, 4}, {7, -1, 5, 7}, {6, -1, 4, 1}, {40, 700, 5, 9}, {5, 3, 3, 2}, {4, 0, 3, 2}, {1, 9, 3, 3},
		} {
			s := twin.Random(rand.New(rand.NewPCG(uint64(seed), 11)), shape.n, shape.m, shape.dim, shape.classes)
			got := twin.Record(s, c.miner)
			v := s.View(twin.Wide(s.Anchors), nil)
			want := c.twin(v)
			for i := range want.Kind {
				for j, kind := range want.Kind[i] {
					if got.Kind[i][j] != kind {
						t.Fatalf("%s %+v: pair %d, %d is of kind %d, the twin's %d", name, shape, i, j, got.Kind[i][j], kind)
					}
					if want.Times != nil && kind != twin.LeftOut && got.Times[i][j] != want.Times[i][j] {
						t.Fatalf("%s %+v: pair %d, %d counts %d times, by the twin %d", name, shape, i, j, got.Times[i][j], want.Times[i][j])
					}
				}
			}
			if want.Partner != nil {
				v.Selection = want
				v.Partner = nil
				v.Triplets(func(i, p, n int) {
					if got.Partner(i, p, n) != want.Partner(i, p, n) {
						t.Fatalf("%s %+v: triplet %d, %d, %d: %v", name, shape, i, p, n, !want.Partner(i, p, n))
					}
				})
			}
		}
	}
}

// Drawn often, each negative comes up in proportion to its weight, once for each
// positive, and never beyond the cutoff.
func TestDistanceWeightedDraws(t *testing.T) {
	const runs = 8000
	s := twin.Random(rand.New(rand.NewPCG(8, 8)), 3, 12, 4, 2)
	miner := &DistanceWeighted{Cutoff: 0.5, FarCutoff: 1.6, Source: rand.NewPCG(5, 6)}
	v := s.View(twin.Wide(s.Anchors), nil)
	drawn := make([][]float64, len(s.Labels))
	for i := range drawn {
		drawn[i] = make([]float64, len(s.ColumnLabels))
	}
	with := map[[3]int]float64{}
	for range runs {
		state, err := miner.Source.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		got := twin.Record(s, func() pair.Miner {
			if err := miner.Source.UnmarshalBinary(state); err != nil {
				t.Fatal(err)
			}
			return miner
		})
		for i := range drawn {
			pos, neg := 0, 0
			for j, kind := range got.Kind[i] {
				switch kind {
				case twin.Positive:
					pos++
				case twin.Negative:
					neg += got.Times[i][j]
					drawn[i][j] += float64(got.Times[i][j]) / runs
				}
			}
			if neg > 0 && neg != pos {
				t.Fatalf("anchor %d: %d draws for %d positives", i, neg, pos)
			}
			for p := range got.Kind[i] {
				for n := range got.Kind[i] {
					if got.Partner != nil && got.Partner(i, p, n) {
						with[[3]int{i, p, n}] += 1.0 / runs
					}
				}
			}
		}
	}
	for i := range drawn {
		var total, pos float64
		weight := make([]float64, len(drawn[i]))
		for j, x := range v.S[i] {
			switch d := twin.Distance(x); {
			case v.Kind[i][j] == twin.Positive:
				pos++
			case v.Kind[i][j] == twin.Negative && d < 1.6:
				d = math.Max(d, 0.5)
				weight[j] = math.Pow(d, 2-4) * math.Pow(1-d*d/4, -(4-3)/2.0)
				total += weight[j]
			}
		}
		for j, w := range weight {
			if want := pos * w / total; total > 0 && math.Abs(drawn[i][j]-want) > 0.05 {
				t.Errorf("anchor %d: negative %d is drawn %g times a step, want %g", i, j, drawn[i][j], want)
			}
			for p, kind := range v.Kind[i] {
				if want := w / total; kind == twin.Positive && total > 0 && math.Abs(with[[3]int{i, p, j}]-want) > 0.05 {
					t.Errorf("anchor %d: negative %d is drawn for positive %d %g times a step, want %g", i, j, p, with[[3]int{i, p, j}], want)
				}
			}
		}
	}
}

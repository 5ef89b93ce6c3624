package pair

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// minerCases are the miners, with plain twins over everything at once. The draws
// of distance-weighted mining have a test of their own.
func minerCases() map[string]struct {
	miner func() Miner
	twin  func(v *view) selection
} {
	type c = struct {
		miner func() Miner
		twin  func(v *view) selection
	}
	return map[string]c{
		"multi-similarity": {
			func() Miner { return &MultiSimilarityMiner{Epsilon: 0.1} }, multiSimilarityMinerTwin(false, 0.1)},
		"multi-similarity-euclidean": {
			func() Miner { return &MultiSimilarityMiner{Euclidean: true, Epsilon: 0.3} }, multiSimilarityMinerTwin(true, 0.3)},
		"pair-margin": {
			func() Miner { return &MarginMiner{Euclidean: true, PosMargin: 1.2, NegMargin: 1.3} }, pairMarginTwin(true, 1.2, 1.3)},
		"pair-margin-cosine": {
			func() Miner { return &MarginMiner{PosMargin: 0.2, NegMargin: 0.1} }, pairMarginTwin(false, 0.2, 0.1)},
		"triplet-all": {
			func() Miner { return &TripletMiner{Kind: AllTriplets, Margin: 0.2} }, tripletMinerTwin(AllTriplets, false, 0.2)},
		"triplet-hard": {
			func() Miner { return &TripletMiner{Kind: HardTriplets, Margin: 0.2} }, tripletMinerTwin(HardTriplets, false, 0.2)},
		"triplet-semihard": {
			func() Miner { return &TripletMiner{Kind: SemihardTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(SemihardTriplets, true, 0.2)},
		"triplet-easy": {
			func() Miner { return &TripletMiner{Kind: EasyTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(EasyTriplets, true, 0.2)},
		"batch-hard":        {func() Miner { return &EasyHardMiner{} }, easyHardTwin(Hard, Hard)},
		"easy-semihard":     {func() Miner { return &EasyHardMiner{Pos: Easy, Neg: Semihard} }, easyHardTwin(Easy, Semihard)},
		"semihard-hard":     {func() Miner { return &EasyHardMiner{Pos: Semihard, Neg: Hard} }, easyHardTwin(Semihard, Hard)},
		"semihard-easy":     {func() Miner { return &EasyHardMiner{Pos: Semihard, Neg: Easy} }, easyHardTwin(Semihard, Easy)},
		"hard-semihard":     {func() Miner { return &EasyHardMiner{Pos: Hard, Neg: Semihard} }, easyHardTwin(Hard, Semihard)},
		"easy-easy":         {func() Miner { return &EasyHardMiner{Pos: Easy, Neg: Easy} }, easyHardTwin(Easy, Easy)},
		"all-hard":          {func() Miner { return &EasyHardMiner{Pos: All, Neg: Hard} }, easyHardTwin(All, Hard)},
		"easy-all":          {func() Miner { return &EasyHardMiner{Pos: Easy, Neg: All} }, easyHardTwin(Easy, All)},
		"easy-hard-all-all": {func() Miner { return &EasyHardMiner{Pos: All, Neg: All} }, easyHardTwin(All, All)},
	}
}

func apartOf(isEuclidean bool, s float64) float64 {
	if isEuclidean {
		return distanceOf(s)
	}
	return -s
}

// filtered keeps what is wanted of all pairs.
func (v *view) filtered(keep func(i, j int) bool) selection {
	out := selection{}
	for i := range v.kind {
		kind := make([]pairKind, len(v.kind[i]))
		for j, k := range v.kind[i] {
			if k != leftOut && keep(i, j) {
				kind[j] = k
			}
		}
		out.kind = append(out.kind, kind)
	}
	return out
}

// extremesOf are how far the farthest and the nearest pair of a kind are apart.
func (v *view) extremesOf(i int, kind pairKind, isEuclidean bool) (far, near float64) {
	far, near = math.Inf(-1), math.Inf(1)
	for j, s := range v.s[i] {
		if v.kind[i][j] == kind {
			far, near = math.Max(far, apartOf(isEuclidean, s)), math.Min(near, apartOf(isEuclidean, s))
		}
	}
	return far, near
}

func multiSimilarityMinerTwin(isEuclidean bool, epsilon float64) func(v *view) selection {
	return func(v *view) selection {
		return v.filtered(func(i, j int) bool {
			hardest, _ := v.extremesOf(i, positive, isEuclidean)
			_, nearest := v.extremesOf(i, negative, isEuclidean)
			x := apartOf(isEuclidean, v.s[i][j])
			if v.kind[i][j] == positive {
				return x+epsilon > nearest
			}
			return x-epsilon < hardest
		})
	}
}

func pairMarginTwin(isEuclidean bool, posMargin, negMargin float64) func(v *view) selection {
	return func(v *view) selection {
		return v.filtered(func(i, j int) bool {
			s, isPositive := v.s[i][j], v.kind[i][j] == positive
			if isEuclidean {
				return isPositive && distanceOf(s) > posMargin || !isPositive && distanceOf(s) < negMargin
			}
			return isPositive && s < posMargin || !isPositive && s > negMargin
		})
	}
}

func tripletMinerTwin(kind TripletKind, isEuclidean bool, margin float64) func(v *view) selection {
	return func(v *view) selection {
		base := v.s
		partner := func(i, p, n int) bool {
			farther := apartOf(isEuclidean, base[i][n]) - apartOf(isEuclidean, base[i][p])
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
		times := make([][]int, len(v.s))
		for i := range times {
			times[i] = make([]int, len(v.s[i]))
		}
		v.triplets(func(i, p, n int) {
			if partner(i, p, n) {
				times[i][p]++
				times[i][n]++
			}
		})
		out := v.filtered(func(i, j int) bool { return times[i][j] > 0 })
		out.times, out.partner = times, partner
		return out
	}
}

func easyHardTwin(pos, neg Strategy) func(v *view) selection {
	return func(v *view) selection {
		out := v.filtered(func(int, int) bool { return false })
		for i := range v.s {
			// choose is the most similar pair of a kind, or the least, within bounds.
			choose := func(kind pairKind, most bool, above, below float64) int {
				at := -1
				for j, s := range v.s[i] {
					if v.kind[i][j] == kind && s > above && s < below && (at < 0 || most == (s > v.s[i][at])) {
						at = j
					}
				}
				return at
			}
			inf := math.Inf(1)
			p, n := choose(positive, pos == Easy, -inf, inf), choose(negative, neg != Easy, -inf, inf)
			if pos == Semihard && n >= 0 {
				p = choose(positive, false, v.s[i][n], inf)
			}
			if neg == Semihard && p >= 0 {
				n = choose(negative, true, -inf, v.s[i][p])
			}
			if pos != All && neg != All && (p < 0 || n < 0) {
				continue
			}
			for j, kind := range v.kind[i] {
				if kind == positive && (pos == All || j == p) || kind == negative && (neg == All || j == n) {
					out.kind[i][j] = kind
				}
			}
		}
		return out
	}
}

// recorder is a loss that writes down what it is shown.
type recorder struct {
	selection
	with   []map[[2]int]bool // positive and negative of each triplet
	ranked []bool            // anchors whose negatives came with the positives they go with
}

func (l *recorder) Begin(p *Problem) {
	l.kind, l.times, l.with, l.partner = nil, nil, nil, nil
	l.ranked = make([]bool, len(p.Anchors.Labels))
	for range p.Anchors.Labels {
		l.kind = append(l.kind, make([]pairKind, len(p.Columns.Labels)))
		l.times = append(l.times, make([]int, len(p.Columns.Labels)))
		l.with = append(l.with, map[[2]int]bool{})
	}
}
func (l *recorder) Passes() int           { return 2 }
func (l *recorder) Summary() Summary      { return Summary{} }
func (l *recorder) Weigh([]float32, *Row) {}
func (l *recorder) Fold(pass int, r *Row) {
	if pass == 0 {
		for _, p := range r.Pos {
			l.kind[r.Anchor][r.column(p.Col)], l.times[r.Anchor][r.column(p.Col)] = positive, int(p.Times)
		}
		for c, s := range r.Neg {
			if s > noPair {
				l.kind[r.Anchor][r.column(c)], l.times[r.Anchor][r.column(c)] = negative, int(r.Times(c))
			}
		}
		return
	}
	if r.triplets == nil {
		return
	}
	l.ranked[r.Anchor] = true
	pos := ranking{}
	switch m := r.triplets.(type) {
	case *TripletMiner:
		pos = m.anchors[r.Anchor].pos
	case *DistanceWeightedMiner:
		pos = m.anchors[r.Anchor].pos
	}
	for c, s := range r.Neg {
		if s > noPair {
			chosen(r, c, func(rank int) { l.with[r.Anchor][[2]int{int(pos[rank].col), r.column(c)}] = true })
		}
	}
}

func (l *recorder) EndPass(int) {
	if slices.Contains(l.ranked, true) {
		l.partner = func(i, p, n int) bool { return l.with[i][[2]int{p, n}] }
	}
}

func TestMinersEqualTheirTwins(t *testing.T) {
	for name, c := range minerCases() {
		for seed, shape := range []struct{ n, m, dim, classes int }{
			{12, -1, 6, 4}, {7, -1, 5, 7}, {6, -1, 4, 1}, {40, 700, 5, 9}, {5, 3, 3, 2}, {4, 0, 3, 2}, {1, 9, 3, 3},
		} {
			s := randomSample(rand.New(rand.NewPCG(uint64(seed), 11)), shape.n, shape.m, shape.dim, shape.classes)
			got := &recorder{}
			s.run(&Mined{Miner: c.miner(), Loss: got})
			v := s.view(wide(s.anchors), nil)
			want := c.twin(v)
			for i := range want.kind {
				for j, kind := range want.kind[i] {
					if got.kind[i][j] != kind {
						t.Fatalf("%s %+v: pair %d, %d is of kind %d, the twin's %d", name, shape, i, j, got.kind[i][j], kind)
					}
					if want.times != nil && kind != leftOut && got.times[i][j] != want.times[i][j] {
						t.Fatalf("%s %+v: pair %d, %d counts %d times, by the twin %d", name, shape, i, j, got.times[i][j], want.times[i][j])
					}
				}
			}
			if want.partner != nil {
				v.selection = want
				v.partner = nil
				v.triplets(func(i, p, n int) {
					if got.with[i][[2]int{p, n}] != want.partner(i, p, n) {
						t.Fatalf("%s %+v: triplet %d, %d, %d: %v", name, shape, i, p, n, !want.partner(i, p, n))
					}
				})
			}
		}
	}
}

// Every loss sees of every miner what it chose, and nothing else, and follows its
// gradient.
func TestEveryLossWithEveryMiner(t *testing.T) {
	shapes := []struct{ n, m, dim, classes int }{{9, -1, 5, 3}, {6, 25, 4, 3}}
	if testing.Short() {
		shapes = shapes[:1]
	}
	miners := map[string]func() Miner{"distance-weighted": func() Miner {
		return &DistanceWeightedMiner{Cutoff: 0.5, FarCutoff: 1.4, Source: rand.NewPCG(3, 4)}
	}}
	for name, c := range minerCases() {
		miners[name] = c.miner
	}
	for minerName, miner := range miners {
		for name, c := range lossCases() {
			for seed, shape := range shapes {
				s := randomSample(rand.New(rand.NewPCG(uint64(seed), 5)), shape.n, shape.m, shape.dim, shape.classes)
				record := &recorder{}
				s.run(&Mined{Miner: miner(), Loss: record})
				summary, grad := s.run(&Mined{Miner: miner(), Loss: c.loss()})
				want := c.twin(s.view(wide(s.anchors), &record.selection))
				if math.Abs(summary.Value-want) > tolerance*math.Max(math.Abs(want), 1e-4) {
					t.Errorf("%s with %s, %+v: value %g, the twin's is %g", name, minerName, shape, summary.Value, want)
				}
				if err := relative(grad, s.gradient(c.twin, &record.selection)); err > tolerance {
					t.Errorf("%s with %s, %+v: gradient is off the twin's by %g", name, minerName, shape, err)
				}
			}
		}
	}
}

// Drawn often, each negative comes up in proportion to its weight, once for each
// positive, and never beyond the cutoff.
func TestDistanceWeightedDraws(t *testing.T) {
	const runs = 20000
	s := randomSample(rand.New(rand.NewPCG(8, 8)), 3, 12, 4, 2)
	miner := &DistanceWeightedMiner{Cutoff: 0.5, FarCutoff: 1.6, Source: rand.NewPCG(5, 6)}
	v := s.view(wide(s.anchors), nil)
	drawn := make([][]float64, len(s.labels))
	for i := range drawn {
		drawn[i] = make([]float64, len(s.columnLabels))
	}
	with := map[[3]int]float64{}
	for range runs {
		got := &recorder{}
		s.run(&Mined{Miner: miner, Loss: got})
		for i := range drawn {
			pos, neg := 0, 0
			for j, kind := range got.kind[i] {
				switch kind {
				case positive:
					pos++
				case negative:
					neg += got.times[i][j]
					drawn[i][j] += float64(got.times[i][j]) / runs
				}
			}
			if neg > 0 && neg != pos {
				t.Fatalf("anchor %d: %d draws for %d positives", i, neg, pos)
			}
			for pn := range got.with[i] {
				with[[3]int{i, pn[0], pn[1]}] += 1.0 / runs
			}
		}
	}
	for i := range drawn {
		var total, pos float64
		weight := make([]float64, len(drawn[i]))
		for j, x := range v.s[i] {
			switch d := distanceOf(x); {
			case v.kind[i][j] == positive:
				pos++
			case v.kind[i][j] == negative && d < 1.6:
				d = math.Max(d, 0.5)
				weight[j] = math.Pow(d, 2-4) * math.Pow(1-d*d/4, -(4-3)/2.0)
				total += weight[j]
			}
		}
		for j, w := range weight {
			if want := pos * w / total; total > 0 && math.Abs(drawn[i][j]-want) > 0.03 {
				t.Errorf("anchor %d: negative %d is drawn %g times a step, want %g", i, j, drawn[i][j], want)
			}
			for p, kind := range v.kind[i] {
				if want := w / total; kind == positive && total > 0 && math.Abs(with[[3]int{i, p, j}]-want) > 0.03 {
					t.Errorf("anchor %d: negative %d is drawn for positive %d %g times a step, want %g", i, j, p, with[[3]int{i, p, j}], want)
				}
			}
		}
	}
}

package miner

import (
	"fmt"
	"math"

	"math/rand/v2"
	"slices"
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
		"multi-similarity-exact": {
			func() pair.Miner { return &MultiSimilarity{} }, multiSimilarityMinerTwin(false, 0)},
		"pair-margin": {
			func() pair.Miner { return &Margin{Euclidean: true, PosMargin: 1.2, NegMargin: 1.3} }, pairMarginTwin(true, 1.2, 1.3)},
		"pair-margin-cosine": {
			func() pair.Miner { return &Margin{PosMargin: 0.2, NegMargin: 0.1} }, pairMarginTwin(false, 0.2, 0.1)},
		"pair-margin-exact": {
			func() pair.Miner { return &Margin{} }, pairMarginTwin(false, 0, 0)},
		"pair-margin-euclidean-exact": {
			func() pair.Miner { return &Margin{Euclidean: true, NegMargin: 2} }, pairMarginTwin(true, 0, 2)},
		"triplet-all": {
			func() pair.Miner { return &Triplet{Kind: AllTriplets, Margin: 0.2} }, tripletMinerTwin(AllTriplets, false, 0.2)},
		"triplet-hard": {
			func() pair.Miner { return &Triplet{Kind: HardTriplets, Margin: 0.2} }, tripletMinerTwin(HardTriplets, false, 0.2)},
		"triplet-semihard": {
			func() pair.Miner { return &Triplet{Kind: SemihardTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(SemihardTriplets, true, 0.2)},
		"triplet-easy": {
			func() pair.Miner { return &Triplet{Kind: EasyTriplets, Margin: 0.2, Euclidean: true} }, tripletMinerTwin(EasyTriplets, true, 0.2)},
		"triplet-all-exact": {
			func() pair.Miner { return &Triplet{Kind: AllTriplets, Margin: 1} }, tripletMinerTwin(AllTriplets, false, 1)},
		"triplet-semihard-exact": {
			func() pair.Miner { return &Triplet{Kind: SemihardTriplets, Margin: 1} }, tripletMinerTwin(SemihardTriplets, false, 1)},
		"triplet-easy-exact": {
			func() pair.Miner { return &Triplet{Kind: EasyTriplets, Margin: 1} }, tripletMinerTwin(EasyTriplets, false, 1)},
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

func TestMinersEqualTheirTwins(t *testing.T) {
	for seed, shape := range []struct {
		n, m, dim, classes int
		onAxes             bool
	}{
		{12, -1, 6, 4, false}, {7, -1, 5, 7, false}, {6, -1, 4, 1, false}, {40, 700, 5, 30, false}, {5, 3, 3, 2, false}, {4, 0, 3, 2, false}, {1, 9, 3, 3, false},
		{4, 1600, 2, 300, true}, {12, -1, 2, 4, true}, {4, 1600, 2, 300, true},
	} {
		s := twin.Random(rand.New(rand.NewPCG(uint64(seed), 11)), shape.n, shape.m, shape.dim, shape.classes)
		if shape.onAxes {
			onAxes(s.Anchors, s.Dim)
			onAxes(s.Columns, s.Dim)
		}
		for name, c := range minerCases() {
			v := s.View(twin.Wide(s.Anchors), nil)
			want := c.twin(v)
			t.Run(fmt.Sprintf("%s %+v", name, shape), func(t *testing.T) {
				checkChoice(t, v, twin.Record(s, c.miner), want)
			})
			if _, fast := c.miner().(pair.FastMiner); fast {
				t.Run(fmt.Sprintf("%s %+v plain", name, shape), func(t *testing.T) {
					checkChoice(t, v, twin.Record(s, func() pair.Miner { return plain(c.miner()) }), want)
				})
			}
		}
	}
}

// plain is a miner without its fast path.
func plain(m pair.Miner) pair.Miner { return struct{ pair.Miner }{m} }

func checkChoice(t *testing.T, v *twin.View, got *twin.Selection, want twin.Selection) {
	t.Helper()
	for i := range want.Kind {
		for j, kind := range want.Kind[i] {
			if got.Kind[i][j] != kind {
				t.Fatalf("pair %d, %d is of kind %d, the twin's %d", i, j, got.Kind[i][j], kind)
			}
			if want.Times != nil && kind != twin.LeftOut && got.Times[i][j] != want.Times[i][j] {
				t.Fatalf("pair %d, %d counts %d times, by the twin %d", i, j, got.Times[i][j], want.Times[i][j])
			}
		}
	}
	if want.Partner == nil {
		return
	}
	chosen := *v
	chosen.Selection = want
	chosen.Partner = nil
	chosen.Triplets(func(i, p, n int) {
		if got.Partner(i, p, n) != want.Partner(i, p, n) {
			t.Fatalf("triplet %d, %d, %d: %v", i, p, n, !want.Partner(i, p, n))
		}
	})
}

// A similarity can't tell these distances apart: the rows do.
func TestMultiSimilarityAmongNearDuplicates(t *testing.T) {
	at := func(angle float64) []float32 { return []float32{float32(math.Cos(angle)), float32(math.Sin(angle))} }
	s := twin.Sample{
		Dim: 2, Anchors: at(0), Labels: []int32{1}, IDs: []int64{1}, Own: []int{-1},
		Columns: slices.Concat(at(1e-3), at(0.995e-3), at(1.005e-3)), ColumnLabels: []int32{1, 2, 2}, ColumnIDs: []int64{2, 3, 4},
	}
	got := twin.Record(s, func() pair.Miner { return &MultiSimilarity{Euclidean: true} })
	if want := []twin.Kind{twin.Positive, twin.Negative, twin.LeftOut}; !slices.Equal(got.Kind[0], want) {
		t.Errorf("chosen are %v, want %v", got.Kind[0], want)
	}
}

// From the far cutoff on a negative is never drawn, not even as the only one.
func TestDistanceWeightedAtTheFarCutoff(t *testing.T) {
	s := twin.Sample{
		Dim: 4, Anchors: []float32{1, 0, 0, 0}, Labels: []int32{1}, IDs: []int64{1}, Own: []int{-1},
		Columns: []float32{0, 1, 0, 0, 0, 0, 1, 0}, ColumnLabels: []int32{1, 2}, ColumnIDs: []int64{2, 3},
	}
	fresh := func() pair.Miner {
		return &DistanceWeighted{Cutoff: 0.5, FarCutoff: math.Sqrt(2), Source: rand.NewPCG(1, 2)}
	}
	for _, got := range []*twin.Selection{twin.Record(s, fresh), twin.Record(s, func() pair.Miner { return plain(fresh()) })} {
		if got.Kind[0][0] != twin.LeftOut || got.Kind[0][1] != twin.LeftOut {
			t.Errorf("chosen are %v", got.Kind[0])
		}
	}
}

func TestDistanceWeightedLeftOver(t *testing.T) {
	for _, c := range []struct{ drawn, want []int32 }{
		{[]int32{3, 7}, []int32{3, 7, 7, 7}}, // rounding left two over: the last negative's
		{[]int32{3, 7, 7, 8}, []int32{3, 7, 7, 8}},
		{nil, nil},
	} {
		m := &DistanceWeighted{anchors: []distanceWeightedAnchor{{shares: []float64{0.1, 0.5, 0.9, 1}, cols: c.drawn, sims: make([]float32, len(c.drawn))}}}
		m.EndPass(1)
		if got := m.anchors[0].cols; !slices.Equal(got, c.want) {
			t.Errorf("%v becomes %v, want %v", c.drawn, got, c.want)
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
	for run := range runs {
		state, err := miner.Source.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		got := twin.Record(s, func() pair.Miner {
			if err := miner.Source.UnmarshalBinary(state); err != nil {
				t.Fatal(err)
			}
			if run%2 == 1 {
				return plain(miner)
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
					if got.Times[i][j] == 0 {
						t.Fatalf("anchor %d: negative %d stays though it was not drawn", i, j)
					}
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

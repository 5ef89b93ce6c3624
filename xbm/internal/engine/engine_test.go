package engine_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// parsed is the loss of a text.
func parsed(t testing.TB, text string) pair.Loss {
	t.Helper()
	l, err := loss.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// products is the loss Σ n·c·s over positives plus Σ n·d·s² over negatives, with a weight
// n for every anchor: simple enough to be worked out by hand, and different for every
// anchor and kind of pair.
type products struct {
	value  []float64 // of each anchor
	passes int       // so far
	rows   []int     // times that each anchor's rows were folded
}

func (l *products) Begin(p *pair.Problem) {
	l.value, l.rows = make([]float64, len(p.Anchors.Labels)), make([]int, len(p.Anchors.Labels))
	l.passes = 0
}

func (l *products) Passes() int { return 2 }

func (l *products) Fold(pass int, r *pair.Row) {
	l.rows[r.Anchor]++
	if pass != l.passes {
		panic("a row of another pass")
	}
	if pass == 0 {
		return
	}
	n := float64(r.Anchor + 1)
	for _, p := range r.Pos {
		l.value[r.Anchor] += 3 * n * float64(p.Sim)
	}
	for _, s := range r.Neg {
		if s > pair.NoPair {
			l.value[r.Anchor] += n * float64(s) * float64(s)
		}
	}
}

func (l *products) EndPass(int) { l.passes++ }

func (l *products) Summary() (s pair.Summary) {
	for _, v := range l.value {
		s.Value += v
	}
	return s
}

func (l *products) Weigh(w []float32, r *pair.Row) {
	n := float32(r.Anchor + 1)
	for _, p := range r.Pos {
		w[p.Col] = 3 * n
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = 2 * n * s
		}
	}
}

// byHand is the loss products, with its gradients by the anchors and by the columns.
func byHand(p *pair.Problem) (value float64, dAnchors, dColumns []float64) {
	dAnchors, dColumns = make([]float64, len(p.Anchors.Rows)), make([]float64, len(p.Columns.Rows))
	for i := range p.Anchors.Labels {
		for j := range p.Columns.Labels {
			a, c := p.Anchors.Rows[i*p.Dim:(i+1)*p.Dim], p.Columns.Rows[j*p.Dim:(j+1)*p.Dim]
			var s float64
			for k := range a {
				s += float64(a[k]) * float64(c[k])
			}
			n, w := float64(i+1), 0.0
			switch p.Kind(i, j) {
			case pair.KindPositive, pair.KindKeptCopy:
				value += 3 * n * s
				w = 3 * n
			case pair.KindNegative:
				value += n * s * s
				w = 2 * n * s
			}
			for k := range a {
				dAnchors[i*p.Dim+k] += w * float64(c[k])
				dColumns[j*p.Dim+k] += w * float64(a[k])
			}
		}
	}
	return value, dAnchors, dColumns
}

// Blocks of anchors and tiles of columns, whole and broken ones.
func TestTheSweepIsAllPairs(t *testing.T) {
	for _, shape := range []struct{ n, m int }{{1, 1}, {31, 513}, {33, 511}, {64, 1024}, {65, 1030}} {
		s := twin.Random(rand.New(rand.NewPCG(8, 1)), shape.n, shape.m, 6, 9)
		p, _ := s.Problem()
		want, dAnchors, dColumns := byHand(p)
		l, a, c := &products{}, make([]float32, len(p.Anchors.Rows)), make([]float32, len(p.Columns.Rows))
		a[0], c[0] = 7, 7 // what is there goes
		got := (&engine.Engine{}).RunBoth(a, c, p, l)
		if math.Abs(got.Value-want) > 1e-5*math.Abs(want) {
			t.Errorf("%+v: %g, by hand %g", shape, got.Value, want)
		}
		if off := max(twin.Relative(a, dAnchors), twin.Relative(c, dColumns)); off > 1e-5 {
			t.Errorf("%+v: gradients are off by %g", shape, off)
		}
		if tiles := (shape.m + engine.ColumnTile - 1) / engine.ColumnTile; l.rows[0] != l.Passes()*tiles || l.rows[shape.n-1] != l.rows[0] || l.passes != l.Passes() {
			t.Errorf("%+v: rows were shown %d and %d times, passes ended %d times", shape, l.rows[0], l.rows[shape.n-1], l.passes)
		}
		alone := make([]float32, len(a))
		if (&engine.Engine{}).Run(alone, p, &products{}); !slices.Equal(alone, a) {
			t.Errorf("%+v: without the columns' gradient the anchors' is another", shape)
		}
	}
}

// Where the columns are the anchors, both ends of a pair move.
func TestASymmetricRunMovesBothEnds(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(8, 2)), 40, -1, 6, 5)
	p, _ := s.Problem()
	_, dAnchors, dColumns := byHand(p)
	for i, g := range dColumns {
		dAnchors[i] += g
	}
	got := make([]float32, len(dAnchors))
	(&engine.Engine{}).Run(got, p, &products{})
	if off := twin.Relative(got, dAnchors); off > 1e-5 {
		t.Errorf("the gradient is off by %g", off)
	}
}

// Fold takes a loss to its sums by either way.
func TestFoldIsARunWithoutAGradient(t *testing.T) {
	s := twin.Random(rand.New(rand.NewPCG(8, 3)), 20, 900, 6, 30)
	for _, text := range []string{"supcon", "circle"} { // fast, and not
		for _, plain := range []bool{false, true} {
			p, _ := s.Problem()
			folded, run := parsed(t, text), parsed(t, text)
			e := engine.Engine{Plain: plain}
			e.Fold(p, folded)
			want := e.Run(make([]float32, len(p.Anchors.Rows)), p, run)
			got := folded.Summary()
			if got.Value != want.Value || got.ActiveNegatives != want.ActiveNegatives || !(got.Value > 0) {
				t.Errorf("%s, plain %t: %+v, run %+v", text, plain, got, want)
			}
		}
	}
}

// An engine keeps nothing of the problem before, be it larger or of another shape.
func TestAnEngineIsUsedAgain(t *testing.T) {
	var e engine.Engine
	for _, shape := range []struct{ n, m, dim int }{{40, 1500, 16}, {3, 20, 4}, {70, 600, 24}, {1, 1, 1}} {
		s := twin.Random(rand.New(rand.NewPCG(8, 4)), shape.n, shape.m, shape.dim, 6)
		p, _ := s.Problem()
		for _, text := range []string{"nt-xent", "triplet", "angular"} {
			got, want := make([]float32, len(s.Anchors)), make([]float32, len(s.Anchors))
			again, fresh := e.Run(got, p, parsed(t, text)), (&engine.Engine{}).Run(want, p, parsed(t, text))
			if again != fresh || !slices.Equal(got, want) {
				t.Errorf("%s, %+v: %+v, by a new engine %+v", text, shape, again, fresh)
			}
		}
	}
}

func TestSameBytesForAnyNumberOfThreads(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	for _, name := range loss.Names() {
		for _, shape := range []struct{ n, m, classes int }{{530, -1, 250}, {100, 1100, 80}} {
			var first []float32
			var value float64
			for _, threads := range []int{1, 2, 3} {
				runtime.GOMAXPROCS(threads)
				s := twin.Random(rand.New(rand.NewPCG(5, 6)), shape.n, shape.m, 16, shape.classes)
				summary, grad := s.Run(parsed(t, name))
				if first == nil {
					first, value = grad, summary.Value
				}
				if !slices.Equal(grad, first) || summary.Value != value {
					t.Errorf("%s, %+v: %d threads give other bytes", name, shape, threads)
				}
			}
		}
	}
}

func TestMinersGiveTheSameBytesForAnyNumberOfThreads(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	s := twin.Random(rand.New(rand.NewPCG(5, 7)), 100, 1600, 16, 80)
	for _, name := range miner.Names() {
		var first []float32
		for _, threads := range []int{1, 2, 3} {
			runtime.GOMAXPROCS(threads)
			l, err := mined("triplet", name, rand.NewPCG(1, 1))
			if err != nil {
				t.Fatal(err)
			}
			_, grad := s.Run(l)
			if first == nil {
				first = grad
			}
			if !slices.Equal(grad, first) {
				t.Errorf("%s: %d threads give other bytes", name, threads)
			}
		}
	}
}

func TestCountsOfPairs(t *testing.T) {
	s := twin.Sample{
		Dim: 2, Anchors: []float32{1, 0, 0, 1}, Labels: []int32{0, 1}, IDs: []int64{10, 11}, Own: []int{2, -1},
		Columns:      []float32{1, 0, 0, 1, 1, 0, 1, 1, -1, 0},
		ColumnLabels: []int32{0, 1, 0, 0, 1}, ColumnIDs: []int64{10, 12, 10, 13, 11},
	}
	got, _ := s.Run(loss.NewContrastive(false))
	// Anchor 0: slot 0 is an older copy, slot 2 itself, 3 positive, 1 and 4
	// negative. Anchor 1: 1 positive, 4 an older copy, 0, 2 and 3 negative.
	if got.Positives != 2 || got.Copies != 2 || got.Negatives != 5 {
		t.Errorf("%+v: want 2 positives, 2 copies, 5 negatives", got)
	}
	s.KeepCopies = true
	got, _ = s.Run(loss.NewContrastive(false))
	if got.Positives != 4 || got.Copies != 2 || got.Negatives != 5 {
		t.Errorf("copies kept: %+v: want 4 positives, 2 of them copies, 5 negatives", got)
	}
}

// Too many positives leave the plain way, with the same result.
func TestTooManyPositives(t *testing.T) {
	const n, m, dim = 4, 1<<17/4 + 500, 2
	s := twin.Random(rand.New(rand.NewPCG(3, 3)), n, m, dim, 1)
	s.ColumnLabels[7] = 1
	p, _ := s.Problem()
	got, want := make([]float32, n*dim), make([]float32, n*dim)
	value := (&engine.Engine{}).Run(got, p, loss.NewMultiSimilarity())
	plain := (&engine.Engine{Plain: true}).Run(want, p, loss.NewMultiSimilarity())
	if value != plain || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v %v, plainly %+v %v", value, got, plain, want)
	}
}

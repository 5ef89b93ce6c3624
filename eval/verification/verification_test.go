package verification

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval"
)

// twin scores pairs by loops over all of them.
type twin struct{ right, wrong []float64 } // distances

func newTwin(t Task) (w twin) {
	add := func(a, b int, same bool) {
		var dot, aa, bb, square float64
		for k := range t.Dim {
			x, y := float64(t.Embeddings[a*t.Dim+k]), float64(t.Embeddings[b*t.Dim+k])
			dot, aa, bb, square = dot+x*y, aa+x*x, bb+y*y, square+(x-y)*(x-y)
		}
		d := math.Sqrt(square)
		if t.Distance == eval.Cosine {
			d = -dot / math.Sqrt(aa*bb)
		}
		if same {
			w.right = append(w.right, d)
		} else {
			w.wrong = append(w.wrong, d)
		}
	}
	for _, p := range t.Pairs {
		add(int(p.A), int(p.B), p.Same)
	}
	if t.Pairs == nil {
		for i := range t.Labels {
			for j := range i {
				add(i, j, t.Labels[i] == t.Labels[j])
			}
		}
	}
	return w
}

func share(x []float64, upTo float64) float64 {
	n := 0.0
	for _, v := range x {
		if v <= upTo {
			n++
		}
	}
	return n / float64(len(x))
}

func (w twin) thresholds() []float64 {
	all := slices.Concat(w.right, w.wrong)
	slices.Sort(all)
	return slices.Compact(all)
}

func (w twin) auc() (sum float64) {
	for _, a := range w.right {
		for _, b := range w.wrong {
			switch {
			case a < b:
				sum++
			case a == b:
				sum += 0.5
			}
		}
	}
	return sum / float64(len(w.right)) / float64(len(w.wrong))
}

func (w twin) averagePrecision() (sum float64) {
	before := 0.0
	for _, t := range w.thresholds() {
		recall := share(w.right, t)
		positives := recall * float64(len(w.right))
		sum += (recall - before) * positives / (positives + share(w.wrong, t)*float64(len(w.wrong)))
		before = recall
	}
	return sum
}

func (w twin) tarAt(far float64) (tar float64) {
	for _, t := range w.thresholds() {
		if share(w.wrong, t) <= far {
			tar = max(tar, share(w.right, t))
		}
	}
	return tar
}

func (w twin) equalErrorRate() float64 {
	x, y := 0.0, 1.0 // false acceptance and rejection
	for _, t := range w.thresholds() {
		toX, toY := share(w.wrong, t), 1-share(w.right, t)
		if toX >= toY {
			// (x + s(toX-x)) = (y + s(toY-y))
			s := (y - x) / (toX - x - toY + y)
			return x + s*(toX-x)
		}
		x, y = toX, toY
	}
	return x
}

func (w twin) decision(threshold float64) (tar, far, accuracy float64) {
	tar, far = share(w.right, threshold), share(w.wrong, threshold)
	p, n := float64(len(w.right)), float64(len(w.wrong))
	return tar, far, (tar*p + (1-far)*n) / (p + n)
}

// best has the largest TAR - FAR, the nearest of several.
func (w twin) best() (threshold, gain float64) {
	gain = math.Inf(-1)
	for _, t := range w.thresholds() {
		if g := share(w.right, t) - share(w.wrong, t); g > gain+1e-12 && slices.Contains(w.right, t) {
			threshold, gain = t, g
		}
	}
	return threshold, gain
}

// randomTask has rows with ties on a coarse grid, copies, or none.
func randomTask(rng *rand.Rand) Task {
	n, dim := 3+rng.IntN(40), 1+rng.IntN(5)
	t := Task{Dim: dim, Embeddings: make([]float32, n*dim), Labels: make([]int32, n), FARs: []float64{0.01, 0.1, 0.3, 1}}
	grid := rng.IntN(3) == 0
	for i := range t.Embeddings {
		if t.Embeddings[i] = float32(rng.NormFloat64()); grid {
			t.Embeddings[i] = float32(rng.IntN(2))
		}
	}
	for range n / 4 {
		copy(t.Embeddings[rng.IntN(n)*dim:][:dim], t.Embeddings[rng.IntN(n)*dim:][:dim])
	}
	for i := range t.Labels {
		t.Labels[i] = int32(rng.IntN(1 + n/3))
	}
	if rng.IntN(2) == 0 {
		for range 1 + rng.IntN(80) {
			t.Pairs = append(t.Pairs, Pair{rng.Int32N(int32(n)), rng.Int32N(int32(n)), rng.IntN(2) == 0})
		}
	}
	if !grid && dim > 1 && rng.IntN(2) == 0 {
		t.Distance = eval.Cosine
	}
	return t
}

func TestScoresEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	scored := 0
	for range 400 {
		task := randomTask(rng)
		task.room = 1 + rng.IntN(30) // so few that the pairs are gone through several times
		w := newTwin(task)
		got, err := task.Score()
		if len(w.right) == 0 || len(w.wrong) == 0 {
			if !errors.Is(err, ErrOneKind) {
				t.Fatalf("one kind of pairs: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		scored++
		near := func(what string, got, want float64) {
			t.Helper()
			if !(math.Abs(got-want) < 1e-9) {
				t.Fatalf("%d and %d pairs, %v: %s is %g, want %g", len(w.right), len(w.wrong), task.Distance, what, got, want)
			}
		}
		near("AUC", got.AUC, w.auc())
		near("average precision", got.AveragePrecision, w.averagePrecision())
		near("equal error rate", got.EqualErrorRate, w.equalErrorRate())
		for i, far := range task.FARs {
			if enough := far*float64(len(w.wrong)) >= 1; enough != (got.TAR[i].TAR != nil) {
				t.Fatalf("TAR at %g of %d pairs: %v", far, len(w.wrong), got.TAR[i].TAR)
			} else if enough {
				near("TAR", *got.TAR[i].TAR, w.tarAt(far))
			}
		}
		_, gain := w.best()
		near("best gain", got.Best.TAR-got.Best.FAR, gain)
		// The thresholds do, given, what they are said to do.
		for _, d := range []Decision{got.Best, {Threshold: rng.NormFloat64()}, {Threshold: -3}} {
			task.Threshold = &d.Threshold
			again, err := task.Score()
			if err != nil {
				t.Fatal(err)
			}
			distance := d.Threshold
			if task.Distance == eval.Cosine {
				distance = -distance
			}
			if d.TAR == 0 && d.FAR == 0 {
				d.TAR, d.FAR, d.Accuracy = w.decision(distance)
			}
			near("TAR of the threshold", again.Given.TAR, d.TAR)
			near("FAR of the threshold", again.Given.FAR, d.FAR)
			near("accuracy of the threshold", again.Given.Accuracy, d.Accuracy)
			near("threshold", again.Given.Threshold, d.Threshold)
			near("AUC beside a threshold", again.AUC, got.AUC)
		}
	}
	if scored < 200 {
		t.Errorf("only %d were scored", scored)
	}
}

// By hand: positives at 1 and 3, negatives at 2 and 4.
func TestScoresByHand(t *testing.T) {
	task := Task{Dim: 1, Embeddings: []float32{0, 1, 3, 2, 4}, Pairs: []Pair{{0, 1, true}, {0, 2, true}, {0, 3, false}, {0, 4, false}}, FARs: []float64{0.1, 0.5}}
	s, err := task.Score()
	if err != nil {
		t.Fatal(err)
	}
	if s.AUC != 0.75 || math.Abs(s.AveragePrecision-(1+2./3)/2) > 1e-15 || s.EqualErrorRate != 0.5 || s.TAR[0].TAR != nil || *s.TAR[1].TAR != 1 || *s.TAR[1].Threshold != 3 {
		t.Errorf("%+v", s)
	}
	if want := (Decision{Threshold: 1, TAR: 0.5, FAR: 0, Accuracy: 0.75, BalancedAccuracy: 0.75}); s.Best != want {
		t.Errorf("%+v, want %+v", s.Best, want)
	}
}

// Embeddings that collapsed say nothing: all pairs tie.
func TestCollapsedEmbeddings(t *testing.T) {
	for _, d := range []eval.Distance{eval.Euclidean, eval.Cosine} {
		for _, value := range []float32{0, 1} {
			task := Task{Dim: 2, Embeddings: slices.Repeat([]float32{value}, 80), Labels: make([]int32, 40), Distance: d}
			for i := range task.Labels {
				task.Labels[i] = int32(i % 4)
			}
			s, err := task.Score()
			if err != nil || s.AUC != 0.5 || s.EqualErrorRate != 0.5 || s.Best.BalancedAccuracy != 0.5 || *s.TAR[0].TAR != 0 {
				t.Errorf("%v of %g: %+v: %v", d, value, s, err)
			}
			if _, err := json.Marshal(s); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSameScoresForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	rng := rand.New(rand.NewPCG(5, 2))
	task := Task{Dim: 4, Embeddings: make([]float32, 400*4), Labels: make([]int32, 400), room: 100}
	for i := range task.Embeddings {
		task.Embeddings[i] = float32(rng.NormFloat64())
		task.Labels[i/4] = int32(i / 4 % 20)
	}
	var first string
	for _, threads := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(threads)
		s, err := task.Score()
		b, _ := json.Marshal(s)
		if err != nil || first != "" && string(b) != first {
			t.Errorf("%s\nand %s: %v", b, first, err)
		}
		first = string(b)
	}
}

func TestBadTasksAreRefused(t *testing.T) {
	nan := math.NaN()
	x := []float32{1, 2}
	for want, task := range map[string]Task{
		"2 numbers in embeddings of 3":    {Dim: 3, Embeddings: x},
		"1 labels for 2 embeddings":       {Dim: 1, Embeddings: x, Labels: []int32{0}},
		"pair 0 is of rows 0 and 2, of 2": {Dim: 1, Embeddings: x, Pairs: []Pair{{0, 2, true}}},
		"embedding 1 has NaN at place 0":  {Dim: 1, Embeddings: []float32{1, float32(nan)}, Labels: []int32{0, 1}},
		"a threshold of NaN":              {Dim: 1, Embeddings: x, Labels: []int32{0, 1}, Threshold: &nan},
		"TAR at a FAR of 2":               {Dim: 1, Embeddings: x, Labels: []int32{0, 1}, FARs: []float64{2}},
		"0 pairs of one class and 1":      {Dim: 1, Embeddings: x, Labels: []int32{0, 1}},
	} {
		if _, err := task.Score(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

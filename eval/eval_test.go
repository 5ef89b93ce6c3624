package eval

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// naive ranks every query against everything by float64 distance and index.
func naive(embeddings []float32, dim int) [][]int32 {
	n := len(embeddings) / dim
	ranked := make([][]int32, n)
	for q := range n {
		distance := make([]float64, n)
		for j := range n {
			if j != q {
				ranked[q] = append(ranked[q], int32(j))
			}
			for k := range dim {
				d := float64(embeddings[q*dim+k]) - float64(embeddings[j*dim+k])
				distance[j] += d * d
			}
		}
		slices.SortStableFunc(ranked[q], func(a, b int32) int {
			switch {
			case distance[a] < distance[b]:
				return -1
			case distance[a] > distance[b]:
				return 1
			}
			return int(a - b)
		})
	}
	return ranked
}

// embeddingsWithTies are random rows, some of them equal, nearly equal, or on a
// coarse grid where many distances are the same.
func embeddingsWithTies(rng *rand.Rand, n, dim int) []float32 {
	x := make([]float32, n*dim)
	kind := rng.IntN(4)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
		if kind == 1 {
			x[i] = float32(rng.IntN(2))
		}
		if kind == 2 {
			x[i] = 1
		}
		if kind == 3 {
			x[i] = 100 + 1e-3*x[i]
		}
	}
	for range n / 4 {
		copy(x[rng.IntN(n)*dim:][:dim], x[rng.IntN(n)*dim:][:dim])
	}
	return x
}

func TestNeighborsEqualAFullSort(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 60 {
		n, dim := 2+rng.IntN(150), 1+rng.IntN(12)
		x := embeddingsWithTies(rng, n, dim)
		want := naive(x, dim)
		for _, k := range []int{0, 1, min(7, n-1), n - 1} {
			got, err := Neighbors(x, dim, k)
			if err != nil {
				t.Fatal(err)
			}
			for q := range n {
				if !slices.Equal(got[q*k:(q+1)*k], want[q][:k]) {
					t.Fatalf("%d×%d, k=%d, query %d: %v, want %v", n, dim, k, q, got[q*k:(q+1)*k], want[q][:k])
				}
			}
		}
	}
}

// scoreTwin is the definitions, over a full sort.
func scoreTwin(x []float32, dim int, labels []int32, ks []int) (recall []float64, rp, mapAtR, mapAll float64, queries int) {
	recall = make([]float64, len(ks))
	for q, ranked := range naive(x, dim) {
		r := 0
		for _, j := range ranked {
			if labels[j] == labels[q] {
				r++
			}
		}
		if r == 0 {
			continue
		}
		queries++
		within := func(k int) (hits float64) {
			for _, j := range ranked[:min(k, len(ranked))] {
				if labels[j] == labels[q] {
					hits++
				}
			}
			return hits
		}
		for i, k := range ks {
			recall[i] += math.Min(1, within(k))
		}
		rp += within(r) / float64(r)
		for i, j := range ranked {
			if labels[j] == labels[q] {
				p := within(i+1) / float64(i+1) / float64(r)
				mapAll += p
				if i < r {
					mapAtR += p
				}
			}
		}
	}
	n := float64(queries)
	for i := range recall {
		recall[i] /= n
	}
	return recall, rp / n, mapAtR / n, mapAll / n, queries
}

func TestScoresEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	ks := []int{1, 2, 4, 8, 1000}
	for round := range 40 {
		n, dim := 3+rng.IntN(100), 1+rng.IntN(6)
		classes := 1 + n/3
		if round%5 == 4 { // more of a class than ranks are counted for
			n, classes = 800, 2
		}
		x := embeddingsWithTies(rng, n, dim)
		labels := make([]int32, n)
		for i := range labels {
			labels[i] = int32(rng.IntN(classes))
		}
		labels[1] = labels[0]
		got, err := Score(x, dim, labels, ks)
		if err != nil {
			t.Fatal(err)
		}
		recall, rp, mapAtR, mapAll, queries := scoreTwin(x, dim, labels, ks)
		for i, k := range ks {
			if r, _ := got.Recall.At(k); math.Abs(r-recall[i]) > 1e-12 {
				t.Fatalf("recall@%d is %g, want %g", k, r, recall[i])
			}
		}
		full, err := MeanAveragePrecision(x, dim, labels)
		if err != nil || math.Abs(full-mapAll) > 1e-12 {
			t.Fatalf("MAP is %g (%v), want %g", full, err, mapAll)
		}
		if math.Abs(got.RPrecision-rp) > 1e-12 || math.Abs(got.MAPAtR-mapAtR) > 1e-12 || got.Queries != queries || got.Skipped != n-queries {
			t.Fatalf("%+v, want %g %g %d", got, rp, mapAtR, queries)
		}
	}
}

// Points 0, 1, 2, 3.5, 5, 7 on a line: small enough to do by hand. The last is
// alone in its class.
func TestPointsOnALine(t *testing.T) {
	s, err := Score([]float32{0, 1, 2, 3.5, 5, 7}, 1, []int32{0, 1, 0, 0, 1, 2}, []int{1, 2, 4})
	if err != nil {
		t.Fatal(err)
	}
	// Neighbours: 0: 1 2 3 4 5; 1: 0 2 3 4 5 (0 and 2 tie); 2: 1 3 0 4 5;
	// 3: 2 4 1 0 5 (2 and 4 tie); 4: 3 5 2 1 0.
	want := Scores{
		Means: Means{
			Recall:     Recall{{1, 1. / 5}, {2, 3. / 5}, {4, 5. / 5}},
			RPrecision: (1./2 + 0 + 1./2 + 1./2 + 0) / 5,
			MAPAtR:     (1./4 + 0 + 1./4 + 1./2 + 0) / 5,
		},
		Queries: 5, Skipped: 1,
	}
	if got, _ := json.Marshal(s); string(got) != string(must(json.Marshal(want))) {
		t.Errorf("%s\nwant %s", got, must(json.Marshal(want)))
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}

func TestScoresInJSON(t *testing.T) {
	s := Scores{Means: Means{Recall: Recall{{1, 0.5}, {2, 0.75}, {10, 1}}, RPrecision: 0.25, MAPAtR: 0.125}, Queries: 8, Skipped: 1}
	b := must(json.Marshal(s))
	const want = `{"recall":{"1":0.5,"2":0.75,"10":1},"r_precision":0.25,"map_at_r":0.125,"queries":8,"skipped":1}`
	if string(b) != want {
		t.Errorf("%s, want %s", b, want)
	}
	var back Scores
	if err := json.Unmarshal(b, &back); err != nil || !slices.Equal(back.Recall, s.Recall) {
		t.Errorf("%+v: %v", back, err)
	}
}

func TestReferenceMetrics(t *testing.T) {
	paths, err := filepath.Glob("../testdata/reference/cases/metrics-[0-9].json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no reference cases: %v", err)
	}
	for _, path := range paths {
		var c struct {
			Dim        int
			Embeddings []float32
			Labels     []int32
			Want       struct {
				RPrecision float64            `json:"r_precision"`
				MAPAtR     float64            `json:"map_at_r"`
				MAP        float64            `json:"map"`
				Recall     map[string]float64 `json:"recall"`
				Skipped    int                `json:"skipped"`
			}
		}
		if err := json.Unmarshal(must(os.ReadFile(path)), &c); err != nil {
			t.Fatal(err)
		}
		s, err := Score(c.Embeddings, c.Dim, c.Labels, []int{1, 2, 4, 8, 10})
		if err != nil {
			t.Fatal(err)
		}
		full, err := MeanAveragePrecision(c.Embeddings, c.Dim, c.Labels)
		if err != nil {
			t.Fatal(err)
		}
		for name, pair := range map[string][2]float64{
			"R-precision": {s.RPrecision, c.Want.RPrecision}, "MAP@R": {s.MAPAtR, c.Want.MAPAtR},
			"MAP": {full, c.Want.MAP}, "recall@8": {s.Recall[3].Share, c.Want.Recall["8"]},
			"skipped": {float64(s.Skipped), float64(c.Want.Skipped)},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%s: %s is %g, want %g", path, name, pair[0], pair[1])
			}
		}
	}
}

func TestBadEmbeddingsAreRefused(t *testing.T) {
	nan := float32(math.NaN())
	for want, f := range map[string]func() error{
		"embedding 1 has NaN at place 0": func() error { _, err := Score([]float32{1, 2, nan, 1}, 2, []int32{0, 0}, nil); return err },
		"3 numbers for 2 labels":         func() error { _, err := Score([]float32{1, 2, 3}, 2, []int32{0, 0}, nil); return err },
		"give ranks from 1":              func() error { _, err := Score([]float32{1, 2}, 1, []int32{0, 0}, []int{0}); return err },
		"leaves float32":                 func() error { _, err := Score([]float32{1, 3e30}, 1, []int32{0, 0}, []int{1}); return err },
		"give 0 to 1":                    func() error { _, err := Neighbors([]float32{1, 2}, 1, 2); return err },
		ErrNoPartner.Error():             func() error { _, err := Score([]float32{1, 2}, 1, []int32{0, 1}, []int{1}); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
	if _, err := Score([]float32{1}, 1, []int32{0}, []int{1}); !errors.Is(err, ErrNoPartner) {
		t.Errorf("a single embedding: %v", err)
	}
}

func TestSameNeighborsForAnyNumberOfThreads(t *testing.T) {
	old := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(old)
	x := embeddingsWithTies(rand.New(rand.NewPCG(4, 4)), 500, 16)
	var first []int32
	for _, threads := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(threads)
		got, err := Neighbors(x, 16, 20)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = got
		}
		if !slices.Equal(got, first) {
			t.Errorf("%d threads: other neighbours", threads)
		}
	}
}

func TestNeighborsOfEach(t *testing.T) {
	got, err := Neighbors([]float32{0, 0, 1, 0, 5, 0}, 2, 2)
	if want := []int32{1, 2, 0, 2, 1, 0}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if got, err := Neighbors([]float32{0, 0, 1, 0}, 2, 0); err != nil || len(got) != 0 {
		t.Errorf("no neighbours: %v, %v", got, err)
	}
}

func TestRecallIsReadByRank(t *testing.T) {
	for range 20 { // maps have no order
		var r Recall
		if err := json.Unmarshal([]byte(`{"10":0.9,"1":0.5,"2":0.75,"1000":1}`), &r); err != nil {
			t.Fatal(err)
		}
		if want := (Recall{{1, 0.5}, {2, 0.75}, {10, 0.9}, {1000, 1}}); !slices.Equal(r, want) {
			t.Fatalf("%v, want %v", r, want)
		}
	}
}

func BenchmarkScore(b *testing.B) {
	const n, dim = 10000, 128
	rng := rand.New(rand.NewPCG(1, 1))
	x, labels := make([]float32, n*dim), make([]int32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	for i := range labels {
		labels[i] = int32(i / 12)
	}
	for b.Loop() {
		if _, err := Score(x, dim, labels, []int{1, 2, 4, 8}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "queries/s")
}

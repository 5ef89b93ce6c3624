package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mrrTwin is the mean of 1/rank of the first of a query's class, over a full sort.
func mrrTwin(x []float32, dim int, labels []int32) float64 {
	var sum, queries float64
	for q, ranked := range naive(x, dim) {
		if at := slices.IndexFunc(ranked, func(j int32) bool { return labels[j] == labels[q] }); at >= 0 {
			sum += 1 / float64(at+1)
			queries++
		}
	}
	return sum / queries
}

// An evaluation says what plain loops say, whether ranks are counted or sorted.
func TestEvaluationEqualsItsTwins(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 1))
	for round := range 30 {
		n, dim := 3+rng.IntN(120), 1+rng.IntN(5)
		classes := 1 + n/3
		if round == 0 {
			n, classes = 2*mostRelevant+90, 2 // more of a class than are counted
		}
		x, labels := embeddingsWithTies(rng, n, dim), make([]int32, n)
		for i := range labels {
			labels[i] = int32(rng.IntN(classes))
		}
		labels[1] = labels[0]
		r := Retrieval{Dim: dim, Queries: x, QueryLabels: labels, Ranks: []int{3}, Full: true, Seed: 5}
		e, err := r.Evaluate(Effort{})
		if err != nil {
			t.Fatal(err)
		}
		recall, rp, mapAtR, mapAll, queries := scoreTwin(x, dim, labels, []int{1, 3})
		for name, pair := range map[string][2]float64{
			"precision at 1": {e.PrecisionAt1, recall[0]}, "recall@1": {e.Recall[0].Share, recall[0]}, "recall@3": {e.Recall[1].Share, recall[1]},
			"R-precision": {e.RPrecision, rp}, "MAP@R": {e.MAPAtR, mapAtR}, "MAP": {*e.MAP, mapAll}, "MRR": {*e.MRR, mrrTwin(x, dim, labels)},
			"queries": {float64(e.Queries), float64(queries)}, "skipped": {float64(e.Skipped), float64(n - queries)},
			"classes": {float64(e.Classes), float64(len(counts(labels)))},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Fatalf("round %d, %d×%d: %s is %g, want %g", round, n, dim, name, pair[0], pair[1])
			}
		}
		var each float64
		for _, q := range e.Each {
			each += q.AveragePrecision
		}
		if len(e.Each) != e.Queries || math.Abs(each/float64(e.Queries)-e.MAPAtR) > 1e-12 {
			t.Fatalf("round %d: %d queries with a mean of %g, want %d and %g", round, len(e.Each), each/float64(e.Queries), e.Queries, e.MAPAtR)
		}
		nmi, ami, err := Clustering(x, dim, labels, 5)
		if err != nil || *e.NMI != nmi || *e.AMI != ami {
			t.Fatalf("NMI %g, AMI %g, want %g and %g (%v)", *e.NMI, *e.AMI, nmi, ami, err)
		}
		if d, err := Diagnose(x, dim, labels); err == nil && !reflect.DeepEqual(*e.Diagnosis, d) {
			t.Fatalf("%+v, want %+v", e.Diagnosis, d)
		}
	}
}

// A sample of the queries scores as these do among all, and all as no sample.
func TestSampledQueries(t *testing.T) {
	rng := rand.New(rand.NewPCG(32, 1))
	const n, dim = 90, 3
	x, labels := embeddingsWithTies(rng, n, dim), make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(20))
	}
	r := Retrieval{Dim: dim, Queries: x, QueryLabels: labels, Ranks: []int{1, 4}, Full: true, Seed: 3}
	whole, each, err := r.score()
	if err != nil {
		t.Fatal(err)
	}
	r.Sample = 30
	got, some, err := r.score()
	if err != nil || got.Queries+got.Skipped != 30 {
		t.Fatalf("%+v (%v)", got, err)
	}
	of := map[int32]queryScore{}
	for _, q := range each {
		of[q.query] = q
	}
	for _, q := range some {
		if q != of[q.query] {
			t.Errorf("query %d: %+v, want %+v", q.query, q, of[q.query])
		}
	}
	r.Sample = n
	if again, err := r.Score(); err != nil || !reflect.DeepEqual(again, whole) {
		t.Errorf("%+v, want %+v (%v)", again, whole, err)
	}
}

// Nearest finds for some queries what a full sort has first.
func TestNearestOfSomeQueries(t *testing.T) {
	rng := rand.New(rand.NewPCG(33, 1))
	const n, dim = 70, 2
	x, labels := embeddingsWithTies(rng, n, dim), make([]int32, n)
	ranked := naive(x, dim)
	r := Retrieval{Dim: dim, Queries: x, QueryLabels: labels}
	all := make([]int, n)
	for i := range all {
		all[i] = n - 1 - i // in another order
	}
	for _, places := range [][]int{{64, 3, 3}, all, nil} {
		found, err := r.Nearest(places, 4)
		if err != nil {
			t.Fatal(err)
		}
		for k, q := range places {
			if !slices.Equal(found[k], ranked[q][:4]) {
				t.Errorf("query %d: %v, want %v", q, found[k], ranked[q][:4])
			}
		}
	}
	if found, err := r.Nearest([]int{1}, 1000); err != nil || len(found[0]) != n-1 {
		t.Errorf("%v %v", found, err)
	}
	if _, err := r.Nearest([]int{n}, 1); err == nil {
		t.Error("a query that is not there is not refused")
	}
	r.Gallery, r.GalleryLabels = x[:10*dim], labels[:10]
	if found, err := r.Nearest([]int{2}, 1); err != nil || kernelDistance(x, dim, 2, int(found[0][0])) != 0 {
		t.Errorf("a query is in the gallery too: %v %v", found, err)
	}
}

func kernelDistance(x []float32, dim, i, j int) (sum float64) {
	for k := range dim {
		d := float64(x[i*dim+k]) - float64(x[j*dim+k])
		sum += d * d
	}
	return sum
}

// What is too much work is left out, and named; the rest is as ever.
func TestEffort(t *testing.T) {
	rng := rand.New(rand.NewPCG(34, 1))
	x, labels := blobs(rng, 8, 6, 4, 3)
	r := Retrieval{Dim: 4, Queries: x, QueryLabels: labels, Full: true}
	whole, err := r.Evaluate(Effort{})
	if err != nil || whole.LeftOut != nil {
		t.Fatalf("%v %v", whole.LeftOut, err)
	}
	little, err := r.Evaluate(Effort{Most: 1})
	if err != nil {
		t.Fatal(err)
	}
	if little.MAP != nil || little.NMI != nil || little.Diagnosis != nil || little.MAPAtR != whole.MAPAtR {
		t.Errorf("%+v", little)
	}
	if said := fmt.Sprint(little.LeftOut); len(little.LeftOut) != 3 || !strings.Contains(said, "MRR") || !strings.Contains(said, "AMI") || !strings.Contains(said, "diagnosis") || little.LeftOut[1].Work != 20*48*8*4 {
		t.Errorf("left out: %s", said)
	}
	if same, err := r.Evaluate(Effort{Most: 1e9}); err != nil || !reflect.DeepEqual(same, whole) {
		t.Errorf("with enough effort: %+v (%v)", same, err)
	}
	one, err := Retrieval{Dim: 4, Queries: x, QueryLabels: make([]int32, len(labels))}.Evaluate(Effort{})
	if err != nil || one.Diagnosis != nil || len(one.LeftOut) != 1 || !strings.Contains(one.LeftOut[0].Why, "two classes") {
		t.Errorf("a single class: %+v (%v)", one, err)
	}
}

func TestProgressOfAnEvaluation(t *testing.T) {
	rng := rand.New(rand.NewPCG(35, 1))
	x, labels := blobs(rng, 40, 10, 3, 2)
	var mu sync.Mutex
	most := map[string]int{}
	_, err := Retrieval{Dim: 3, Queries: x, QueryLabels: labels}.Evaluate(Effort{Progress: func(part string, done, of int) {
		mu.Lock()
		defer mu.Unlock()
		if most[part] = max(most[part], done); done > of {
			t.Errorf("%s: %d of %d", part, done, of)
		}
	}})
	if err != nil || most["ranking queries"] != 400 || most["clustering"] == 0 {
		t.Errorf("%v %v", most, err)
	}
}

func TestSameEvaluationForAnyNumberOfThreads(t *testing.T) {
	rng := rand.New(rand.NewPCG(36, 1))
	x, labels := blobs(rng, 30, 20, 8, 1)
	r := Retrieval{Dim: 8, Queries: x, QueryLabels: labels, Ranks: []int{1, 2}, Full: true, Resamples: 50, Seed: 9}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first Evaluation
	for _, threads := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(threads)
		e, err := r.Evaluate(Effort{})
		if err != nil {
			t.Fatal(err)
		}
		if threads == 1 {
			first = e
		}
		if !reflect.DeepEqual(e, first) {
			t.Errorf("%d threads: another evaluation", threads)
		}
	}
}

// Up to 256 that are relevant are counted one by one; for more, all rows are sorted.
func TestWorkOfFullScores(t *testing.T) {
	for n, want := range map[int]float64{
		mostRelevant + 1: (mostRelevant + 1) * mostRelevant * (2 + 4*mostRelevant),
		mostRelevant + 2: (mostRelevant + 2) * (mostRelevant + 1) * (2 + 850),
	} {
		r := Retrieval{Dim: 2, Queries: make([]float32, 2*n), QueryLabels: make([]int32, n)}
		if got := r.fullWork(); got != want {
			t.Errorf("%d rows of a class: %g, want %g", n, got, want)
		}
	}
}

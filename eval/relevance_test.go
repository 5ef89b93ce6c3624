package eval

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Cameras, junk, several labels, cosine and means over classes are what loops over
// all pairs say, with a gallery or without.
func TestRelevanceEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	scored := 0
	for round := range 160 {
		n, m, dim := 2+rng.IntN(60), 2+rng.IntN(250), 1+rng.IntN(6)
		if round%40 == 39 {
			n, m = 700, 900 // more that is right than ranks are counted of, and several tiles
		}
		classes := 1 + rng.IntN(1+m/3)
		if n == 700 {
			classes = 2
		}
		whole := func(n, below int) []int32 {
			x := make([]int32, n)
			for i := range x {
				x[i] = int32(rng.IntN(below))
			}
			return x
		}
		x := embeddingsWithTies(rng, n+m, dim)
		r := Retrieval{Dim: dim, Queries: x[:n*dim], Ranks: []int{1, 3, 9}, Full: true, ClassMeans: true}
		rows := n
		if round%2 == 0 {
			r.Gallery, rows = x[n*dim:], m
		}
		several := round%4 >= 2
		if several {
			r.QuerySets = labelSetsOf(rng, n, classes)
		} else {
			r.QueryLabels = whole(n, classes)
		}
		if r.Gallery != nil {
			if several {
				r.GallerySets = labelSetsOf(rng, m, classes)
			} else {
				r.GalleryLabels = whole(m, classes)
			}
		}
		if !several {
			cameras := 1 + rng.IntN(4)
			r.QueryCameras = whole(n, cameras)
			r.QueryCameras[0] = -1
			if r.Gallery != nil {
				r.GalleryCameras = whole(m, cameras)
				r.GalleryCameras[0] = -1
			}
		}
		if rng.IntN(2) == 0 {
			r.Junk = make([]bool, rows)
			for i := range r.Junk {
				r.Junk[i] = rng.IntN(5) == 0
			}
		}
		if round%3 == 0 && kindOfCosine(x, dim) {
			r.Distance = Cosine
		}
		got, err := r.Score()
		want := newTwin(r).scores()
		if want["queries"] == 0 {
			if err == nil {
				t.Fatalf("round %d: scored, and nothing is right", round)
			}
			continue
		}
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		scored++
		for name, x := range numbersOf(got) {
			if math.Abs(x-want[name]) > 1e-12 {
				t.Fatalf("round %d: %d of %d rows, %v: %s is %g, want %g", round, n, rows, r.Distance, name, x, want[name])
			}
		}
	}
	if scored < 100 {
		t.Errorf("only %d were scored", scored)
	}
}

// Market-1501's rules, by hand: a query (0 on the line) of person 7 by camera 1.
func TestReidentificationByHand(t *testing.T) {
	r := Retrieval{
		Dim: 1, Queries: []float32{0}, QueryLabels: []int32{7}, QueryCameras: []int32{1},
		//                  same camera  junk  distractor  right  other  right
		Gallery:       []float32{1, 2, 3, 4, 5, 6},
		GalleryLabels: []int32{7, -1, 0, 7, 8, 7}, GalleryCameras: []int32{1, 2, 3, 2, 1, 3},
		Junk:  []bool{false, true, false, false, false, false},
		Ranks: []int{1, 2}, Full: true,
	}
	s, err := r.Score()
	if err != nil {
		t.Fatal(err)
	}
	// What is left is distractor, right, other, right: ranks 2 and 4.
	const ap, trapezoid = (1./2 + 2./4) / 2, ((0+1./2)/2 + (1./3+2./4)/2) / 2
	if s.Recall[0].Share != 0 || s.Recall[1].Share != 1 || *s.MAP != ap || math.Abs(*s.MAPTrapezoidal-trapezoid) > 1e-15 || s.Junk != 1 {
		t.Errorf("%+v, MAP %g and %g, want %g and %g", s, *s.MAP, *s.MAPTrapezoidal, ap, trapezoid)
	}
	near, err := r.Nearest([]int{0}, 6)
	if err != nil || !slices.Equal(near[0], []int32{2, 3, 4, 5}) {
		t.Errorf("nearest %v (%v)", near, err)
	}
}

func TestRelevantCountsWithoutEmbeddings(t *testing.T) {
	r := Retrieval{QueryLabels: []int32{1, 1, 2, 3}, QueryCameras: []int32{0, 1, 0, 0}, Junk: []bool{false, false, false, true}}
	if got, err := r.Relevant(); err != nil || !slices.Equal(got, []int{1, 1, 0, 0}) {
		t.Errorf("%v: %v", got, err)
	}
	r = Retrieval{QuerySets: [][]int32{{1, 2}, {2}, {}, {1, 3}}}
	if got, err := r.Relevant(); err != nil || !slices.Equal(got, []int{2, 1, 0, 1}) {
		t.Errorf("%v: %v", got, err)
	}
}

// Beside junk there may be fewer rows than the ranks ask for.
func TestFewRowsBesideJunk(t *testing.T) {
	r := Retrieval{
		Dim: 1, Queries: []float32{0, 1, 2, 3, 4}, QueryLabels: []int32{0, 0, 1, 1, 1},
		Junk: []bool{false, false, true, true, true}, Ranks: []int{1, 4},
	}
	got, err := r.Score()
	if err != nil || got.Queries != 2 || !slices.Equal(got.Recall, Recall{{1, 1}, {4, 1}}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBadRelevanceIsRefused(t *testing.T) {
	x := []float32{1, 2}
	for want, r := range map[string]Retrieval{
		"1 cameras of queries for 2 rows": {QueryLabels: []int32{0, 0}, QueryCameras: []int32{0}},
		"1 marks of junk for 2 rows":      {QueryLabels: []int32{0, 0}, Junk: []bool{true}},
		"give both or neither":            {QueryLabels: []int32{0, 0}, QueryCameras: []int32{0, 0}, Gallery: x, GalleryLabels: []int32{0, 0}},
		"beside labels or cameras":        {QuerySets: [][]int32{{0}, {0}}, QueryCameras: []int32{0, 0}},
		"2 cameras of a gallery for 1":    {QueryLabels: []int32{0, 0}, QueryCameras: []int32{0, 0}, Gallery: x[:1], GalleryLabels: []int32{0}, GalleryCameras: []int32{0, 1}},
	} {
		r.Dim, r.Queries = 1, x
		if _, err := r.Score(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	for want, r := range map[error]Retrieval{
		fmt.Errorf("%w by another camera", ErrNoPartner): {QueryLabels: []int32{0, 0}, QueryCameras: []int32{0, 0}},
		ErrNoPartner: {QueryLabels: []int32{0, 1}},
	} {
		r.Dim, r.Queries = 1, x
		if _, err := r.Score(); !errors.Is(err, ErrNoPartner) || err.Error() != want.Error() {
			t.Errorf("%v, want %v", err, want)
		}
	}
}

func TestSameScoresForAnyNumberOfThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	rng := rand.New(rand.NewPCG(9, 9))
	const n = 600
	r := Retrieval{Dim: 8, Queries: embeddingsWithTies(rng, n, 8), Distance: Cosine, Full: true, ClassMeans: true, Resamples: 20, Ranks: []int{1, 5}}
	for i := range n {
		r.QueryLabels, r.QueryCameras = append(r.QueryLabels, int32(i%50)), append(r.QueryCameras, int32(rng.IntN(4)))
	}
	var first string
	for _, threads := range []int{1, 3} {
		runtime.GOMAXPROCS(threads)
		e, err := r.Evaluate(Effort{})
		if err != nil {
			t.Fatal(err)
		}
		if text := jsonOf(t, e); first == "" {
			first = text
		} else if text != first {
			t.Errorf("%s\nand\n%s", first, text)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

package eval

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Each draw holds one row of each class and asks for all others: with one right row each,
// the means are those of its rank, counted here by a loop.
func TestDrawsEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	const n, dim, draws = 90, 3, 7
	x, labels := embeddingsWithTies(rng, n, dim), make([]int32, n)
	for i := range labels {
		labels[i] = int32(rng.IntN(20))
	}
	r := Retrieval{Dim: dim, Queries: x, QueryLabels: labels, Ranks: []int{1, 5}, Full: true, Seed: 4}
	got, err := r.Draws(draws)
	if err != nil {
		t.Fatal(err)
	}
	ranked, classes := naive(x, dim), ByClass(labels)
	var mrr, at5 []float64
	for i := range draws {
		drawn := rand.New(rand.NewPCG(4, uint64(i)))
		held := map[int32]bool{}
		for _, rows := range classes {
			held[int32(rows[drawn.IntN(len(rows))])] = true
		}
		var reciprocal, within5, queries float64
		for q := range n {
			if held[int32(q)] {
				continue
			}
			queries++
			rank := 0
			for _, j := range ranked[q] {
				if !held[j] {
					continue
				}
				if rank++; labels[j] == labels[q] {
					reciprocal += 1 / float64(rank)
					if rank <= 5 {
						within5++
					}
				}
			}
		}
		mrr, at5 = append(mrr, reciprocal/queries), append(at5, within5/queries)
	}
	for name, pair := range map[string][2]float64{"MRR": {*got.Mean.MRR, 0}, "MAP": {*got.Mean.MAP, 0}} {
		mean, half := Interval(mrr)
		if math.Abs(pair[0]-mean) > 1e-12 || math.Abs(*got.Half.MRR-half) > 1e-12 {
			t.Errorf("%s is %g ± %g, want %g ± %g", name, pair[0], *got.Half.MRR, mean, half)
		}
	}
	if mean, half := Interval(at5); math.Abs(got.Mean.Recall[1].Share-mean) > 1e-12 || math.Abs(got.Half.Recall[1].Share-half) > 1e-12 || half == 0 {
		t.Errorf("recall@5 is %g ± %g, want %g ± %g", got.Mean.Recall[1].Share, got.Half.Recall[1].Share, mean, half)
	}
	if got.Gallery != len(classes) || got.Queries != n-len(classes) {
		t.Errorf("%+v", got)
	}
	again, err := r.Draws(draws)
	if err != nil || jsonOf(t, again) != jsonOf(t, got) {
		t.Errorf("another time: %+v, %v", again, err)
	}
}

func TestBadDrawsAreRefused(t *testing.T) {
	r := Retrieval{Dim: 1, Queries: []float32{1, 2}, QueryLabels: []int32{0, 0}}
	if _, err := r.Draws(1); err == nil || !strings.Contains(err.Error(), "give at least 2") {
		t.Error(err)
	}
	r.QueryLabels = []int32{0, 1}
	if _, err := r.Draws(2); !errors.Is(err, ErrNoPartner) {
		t.Error(err)
	}
	r.Gallery, r.GalleryLabels = r.Queries, slices.Clone(r.QueryLabels)
	if _, err := r.Draws(2); err == nil || !strings.Contains(err.Error(), "without a gallery") {
		t.Error(err)
	}
}

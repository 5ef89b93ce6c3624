package eval

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// Queries among a gallery score as plain loops over both do.
func TestGalleryEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 2))
	for range 40 {
		n, m, dim := 1+rng.IntN(60), 1+rng.IntN(300), 1+rng.IntN(6)
		all := embeddingsWithTies(rng, n+m, dim)
		labels := make([]int32, n+m)
		for i := range labels {
			labels[i] = int32(rng.IntN(1 + m/3))
		}
		labels[0] = labels[n]
		r := Retrieval{Dim: dim, Queries: all[:n*dim], QueryLabels: labels[:n], Gallery: all[n*dim:], GalleryLabels: labels[n:], Ranks: []int{1, 3}, Full: true}
		got, err := r.Score()
		if err != nil {
			t.Fatal(err)
		}
		// In the ranking of all, the other queries are passed over.
		ranked := naive(all, dim)
		var recall, mapAtR, mapAll, mrr float64
		queries := 0
		for q := range n {
			relevant := 0
			for _, l := range labels[n:] {
				if l == labels[q] {
					relevant++
				}
			}
			if relevant == 0 {
				continue
			}
			queries++
			rank, hits := 0, 0
			for _, j := range ranked[q] {
				if int(j) < n {
					continue
				}
				rank++
				if labels[j] != labels[q] {
					continue
				}
				if hits++; hits == 1 {
					mrr += 1 / float64(rank)
					if rank == 1 {
						recall++
					}
				}
				p := float64(hits) / float64(rank) / float64(relevant)
				mapAll += p
				if rank <= relevant {
					mapAtR += p
				}
			}
		}
		of := float64(queries)
		for name, pair := range map[string][2]float64{
			"recall@1": {got.Recall[0].Share, recall / of}, "MAP@R": {got.MAPAtR, mapAtR / of},
			"MAP": {*got.MAP, mapAll / of}, "MRR": {*got.MRR, mrr / of}, "queries": {float64(got.Queries), of},
			"skipped": {float64(got.Skipped), float64(n - queries)},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Fatalf("%d in %d: %s is %g, want %g", n, m, name, pair[0], pair[1])
			}
		}
	}
}

func TestBadGalleriesAreRefused(t *testing.T) {
	r := Retrieval{Dim: 2, Queries: []float32{1, 2}, QueryLabels: []int32{0}, Gallery: []float32{1, 2, 3}, GalleryLabels: []int32{0}}
	if _, err := r.Score(); err == nil || !strings.Contains(err.Error(), "gallery") {
		t.Error(err)
	}
	if err := SearchGallery(r.Queries, r.Queries, 2, 2, nil); err == nil || !strings.Contains(err.Error(), "give 0 to 1") {
		t.Error(err)
	}
}

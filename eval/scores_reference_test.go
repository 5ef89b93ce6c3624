package eval

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"
)

type retrievalWant struct {
	MAP      float64            `json:"map"`
	MRR      float64            `json:"mrr"`
	ClassMAP *float64           `json:"class_map"`
	Recall   map[string]float64 `json:"recall"`
	Queries  int                `json:"queries"`
}

func readReference(t *testing.T, name string, to any) {
	t.Helper()
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join("../testdata/reference/scores", name))), to); err != nil {
		t.Fatal(err)
	}
}

// Re-identification and several labels a row score as by scikit-learn's
// average_precision_score of each query.
func TestReferenceScores(t *testing.T) {
	var cameras struct {
		Dim, Queries int
		Embeddings   []float32
		Labels       []int32
		Cameras      []int32
		Junk         []bool
		Want         map[string]retrievalWant
	}
	readReference(t, "cameras.json", &cameras)
	q := cameras.Queries
	check := func(r Retrieval, want map[string]retrievalWant) {
		t.Helper()
		for name, w := range want {
			if err := r.Distance.UnmarshalText([]byte(name)); err != nil {
				t.Fatal(err)
			}
			r.Full, r.ClassMeans, r.Ranks = true, true, []int{1, 5, 10, 20}
			s, err := r.Score()
			if err != nil {
				t.Fatal(err)
			}
			near := func(what string, got, want float64) {
				if math.Abs(got-want) > 1e-12 {
					t.Errorf("%s, %s: %g, want %g", name, what, got, want)
				}
			}
			near("queries", float64(s.Queries), float64(w.Queries))
			near("MAP", *s.MAP, w.MAP)
			near("MRR", *s.MRR, w.MRR)
			near("recall@1", s.Recall[0].Share, w.Recall["1"])
			near("recall@5", s.Recall[1].Share, w.Recall["5"])
			near("recall@20", s.Recall[3].Share, w.Recall["20"])
			if w.ClassMAP != nil {
				near("MAP over classes", *s.ClassMeans.MAP, *w.ClassMAP)
			}
		}
	}
	check(Retrieval{
		Dim: cameras.Dim, Queries: cameras.Embeddings[:q*cameras.Dim], QueryLabels: cameras.Labels[:q], QueryCameras: cameras.Cameras[:q],
		Gallery: cameras.Embeddings[q*cameras.Dim:], GalleryLabels: cameras.Labels[q:], GalleryCameras: cameras.Cameras[q:], Junk: cameras.Junk,
	}, cameras.Want)

	var several struct {
		Dim        int
		Embeddings []float32
		Labels     [][]int32
		Want       map[string]retrievalWant
	}
	readReference(t, "several.json", &several)
	check(Retrieval{Dim: several.Dim, Queries: several.Embeddings, QuerySets: several.Labels}, several.Want)
}

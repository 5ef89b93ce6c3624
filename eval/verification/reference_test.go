package verification

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// All pairs of rows score as by scikit-learn's roc_curve, roc_auc_score and
// average_precision_score: testdata/reference/scores.py.
func TestReferenceScores(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/reference/scores/verification-*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no reference cases: %v", err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var c struct {
			Dim        int
			Embeddings []float32
			Labels     []int32
			Want       map[string]struct {
				AUC              float64            `json:"roc_auc"`
				AveragePrecision float64            `json:"average_precision"`
				EqualErrorRate   float64            `json:"equal_error_rate"`
				TAR              map[string]float64 `json:"tar_at_far"`
				Gain             float64            `json:"best_gain"`
				Threshold        float64            `json:"best_threshold"`
			}
		}
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		for name, want := range c.Want {
			task := Task{Dim: c.Dim, Embeddings: c.Embeddings, Labels: c.Labels}
			if err := task.Distance.UnmarshalText([]byte(name)); err != nil {
				t.Fatal(err)
			}
			s, err := task.Score()
			if err != nil {
				t.Fatal(err)
			}
			near := func(what string, got, want, within float64) {
				if math.Abs(got-want) > within {
					t.Errorf("%s, %s, %s: %.17g, want %.17g", filepath.Base(path), name, what, got, want)
				}
			}
			near("AUC", s.AUC, want.AUC, 1e-12)
			near("average precision", s.AveragePrecision, want.AveragePrecision, 1e-12)
			near("equal error rate", s.EqualErrorRate, want.EqualErrorRate, 1e-12)
			near("best gain", s.Best.TAR-s.Best.FAR, want.Gain, 1e-12)
			// Ours is of rows of length 1 in float32.
			near("best threshold", math.Abs(s.Best.Threshold), math.Abs(want.Threshold), 1e-6)
			for _, x := range s.TAR {
				if w, ok := want.TAR[strconv.FormatFloat(x.FAR, 'g', -1, 64)]; ok && x.TAR != nil {
					near("TAR", *x.TAR, w, 1e-12)
				}
			}
		}
	}
}

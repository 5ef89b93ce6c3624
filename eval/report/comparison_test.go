package report

import (
	"math"
	"path/filepath"
	"strings"
	"testing"
)

// By hand, as in TestDifferencesArePaired: 10 and 12 points.
func TestCompareSettings(t *testing.T) {
	root := t.TempDir()
	for _, s := range []struct {
		dir, memory string
		rows, seed  int
		recall      float64
	}{{"a/1", "0", 0, 1, 0.5}, {"a/2", "0", 0, 2, 0.6}, {"b/1", "64", 64, 1, 0.6}, {"b/2", "64", 64, 2, 0.72}, {"b/3", "64", 64, 3, 0.9}} {
		c := plain()
		c.Memory, c.Seed = s.memory, s.seed
		if s.rows > 0 {
			c.Noise = 0.1
		}
		fake(t, filepath.Join(root, s.dir), c, s.rows, s.recall)
	}
	c, err := Compare(filepath.Join(root, "a"), filepath.Join(root, "b"), usualKeys())
	if err != nil {
		t.Fatal(err)
	}
	if c.Pairs != 2 || len(c.A) != 2 || len(c.B) != 3 {
		t.Errorf("%d pairs of %v and %v", c.Pairs, c.A, c.B)
	}
	if len(c.Config) != 2 || c.Config[0] != (Changed{"label-noise", "0", "0.1"}) || c.Config[1] != (Changed{"memory", "0", "64"}) {
		t.Errorf("configurations: %v", c.Config)
	}
	d := c.Scores[0]
	if d.Name != "recall@1" || math.Abs(d.Change.Mean-0.11) > 1e-9 || d.Change.Half == nil || math.Abs(*d.Change.Half-0.127062) > 1e-5 {
		t.Errorf("%+v", d)
	}
	if d.Equality != "undecided" {
		t.Errorf("within a point: %q", d.Equality)
	}
	if beyond, ok := d.Beyond(); beyond || !ok {
		t.Errorf("beyond %v (%v)", beyond, ok)
	}

	if c, err = Compare(filepath.Join(root, "a", "1"), filepath.Join(root, "a", "2"), usualKeys()); err != nil {
		t.Fatal(err)
	}
	if len(c.Config) != 1 || c.Config[0].Key != "seed" || c.Pairs != 0 || math.Abs(c.Scores[0].Change.Mean-0.1) > 1e-9 || c.Scores[0].Change.Half != nil {
		t.Errorf("single runs: %+v", c)
	}
	if _, err := Compare(root, root+"/", usualKeys()); err == nil || !strings.Contains(err.Error(), "is compared with itself") {
		t.Error(err)
	}
	if _, err := Compare(root, filepath.Join(root, "a"), usualKeys()); err == nil || !strings.Contains(err.Error(), "holds runs of 2 settings") {
		t.Errorf("several settings: %v", err)
	}
}

package report

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// Of two losses over batch × noise, each cell is their difference by hand: the second
// gains 2 points at batch 16 and loses 1 at batch 64, at any noise.
func TestOvertaking(t *testing.T) {
	root := t.TempDir()
	for _, batch := range []int{16, 64} {
		for _, noise := range []float64{0.1, 0.2} {
			for _, loss := range []string{"a", "b"} {
				for seed := range 2 {
					c := plain()
					c.Batch, c.Noise, c.Loss, c.Seed = batch, noise, loss, seed
					recall := 0.5 + 0.01*float64(seed)
					if loss == "b" && batch == 16 {
						recall += 0.02
					} else if loss == "b" {
						recall -= 0.01
					}
					fake(t, filepath.Join(root, fmt.Sprint(batch, noise, loss, seed)), c, 0, recall)
				}
			}
		}
	}
	c := collect(t, root)
	got := c.overtaking()
	if len(got) != 2 {
		t.Fatalf("%d figures, want one of each score", len(got))
	}
	if f := got[0]; f.Name != "recall-at-1-of-b-over-a" || f.Title != "recall@1 gained by b over a" ||
		!strings.Contains(f.Desc, "batch 16, label-noise 0.1: +2.0 ± 0.0; batch 16, label-noise 0.2: +2.0 ± 0.0; batch 64, label-noise 0.1: -1.0 ± 0.0") {
		t.Errorf("%s: %s", f.Name, f.Desc)
	}
	// A curve for each loss, at each batch, and one for each batch, of each loss.
	names := ""
	for _, f := range c.byOther() {
		names += f.Name + " "
	}
	for _, want := range []string{"recall-at-1-by-label-noise-loss-a ", "recall-at-1-by-label-noise-batch-16 "} {
		if !strings.Contains(names, want) {
			t.Errorf("no %sin %s", want, names)
		}
	}
	if c := collect(t, filepath.Join(root, "16 0.1a0")); c.overtaking() != nil {
		t.Error("one run overtakes none")
	}
}

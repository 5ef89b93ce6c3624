package bench

import (
	"strings"
	"testing"
)

func TestTables(t *testing.T) {
	var b strings.Builder
	for _, err := range []error{
		WriteMeasurements(&b, []Measurement{{Name: "gemm", Shape: "2×3×4", MedianMS: 1.5, MinMS: 1, GFLOPS: 20, PercentOfPeak: 50, ExtraBytes: 1 << 19, PeakGFLOPS: 40}}),
		WriteThroughputs(&b, []Throughput{{Name: "train", Shape: "2×1x3x4", MedianMS: 2, MinMS: 1, Images: 1000, ExtraBytes: 2048}}),
		WritePolicies(&b, []Policy{{Loss: "contrastive", Name: "keyed", Shape: "8×50×8", MS: 2, RingMS: 1, OfRing: 2}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := `        shape  median ms  min ms  GFLOP/s  of peak  extra MiB
  gemm  2×3×4       1.50    1.00       20     50 %        0.5
peak: 40 GFLOP/s on the cores in use
           shape  median ms  min ms  images/s  extra KiB
  train  2×1x3x4       2.00    1.00      1000          2
  contrastive, 8×50×8  ms a step  ring's ms  of ring's  extra MiB
                keyed       2.00       1.00     2.00 ×        0.0
`
	if b.String() != want {
		t.Errorf("the tables are\n%s\nthey should be\n%s", b.String(), want)
	}
}

func TestParseShape(t *testing.T) {
	if sizes, err := ParseShape("64x128x1048576"); err != nil || sizes != [3]int{64, 128, 1 << 20} {
		t.Errorf("%v (%v)", sizes, err)
	}
	for _, bad := range []string{"", "3x4", "3x4x5x6", "3x0x4", "3x-1x4", "3xax4", "1x1x1048577"} {
		if _, err := ParseShape(bad); err == nil || !strings.Contains(err.Error(), `shape "`+bad+`"`) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLossesAreTheMainOnesOrTheOneGiven(t *testing.T) {
	m := Memory{Miner: "none", Batch: 4, PerClass: 2, Dim: 3, Rows: 8, Classes: 2}
	var names []string
	told := func(b Measurement) error { names = append(names, b.Name); return nil }
	if err := m.Losses(0, told); err != nil || len(names) != len(mainLosses()) {
		t.Errorf("measured %v (%v)", names, err)
	}
	m.Loss, names = "nt-xent", nil
	if err := m.Losses(0, told); err != nil || len(names) != 1 || names[0] != "nt-xent" {
		t.Errorf("measured %v (%v)", names, err)
	}
}

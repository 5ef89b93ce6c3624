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

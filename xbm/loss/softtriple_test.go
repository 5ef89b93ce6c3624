package loss

import (
	"math"
	"testing"

	"crossbatch/xbm/pair"
)

// The first anchor's loss is exactly 0: the other class's share of it rounds to nothing. The
// mean over active anchors is over the second alone, whose loss is 1000·(0.5-0).
func TestSoftTripleOfNoLossIsNotActive(t *testing.T) {
	l := &SoftTriple{Centers: 1, Scale: 1000, Gamma: 0.1, Reduction: OverActive}
	l.Begin(&pair.Problem{Anchors: pair.Side{Labels: []int32{0, 1}}, Columns: pair.Side{Labels: []int32{0, 1}}})
	l.Fold(0, &pair.Row{Anchor: 0, Pos: []pair.Positive{{Col: 0, Sim: 1}}, Neg: []float32{pair.NoPair - 1, -1}})
	l.Fold(0, &pair.Row{Anchor: 1, Pos: []pair.Positive{{Col: 1, Sim: 0}}, Neg: []float32{0.5, pair.NoPair - 1}})
	l.EndPass(0)
	if got := l.summary.Value; math.Abs(got-500) > 1e-9 {
		t.Errorf("value %g", got)
	}
}

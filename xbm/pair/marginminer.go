package pair

import "fmt"

// MarginMiner chooses the positives that are farther apart than a margin, and
// the negatives that are nearer than one. By cosine similarity s those are
// positives with s < PosMargin and negatives with s > NegMargin; by Euclidean
// distance d, d > PosMargin and d < NegMargin.
type MarginMiner struct {
	Euclidean bool
	PosMargin float64 // usual: 0.2
	NegMargin float64 // usual: 0.8
}

// Validate returns an error that names the first parameter out of its range.
func (m *MarginMiner) Validate() error {
	lo, hi := similarityRange(m.Euclidean)
	for _, f := range []parameter{{"pos_margin", m.PosMargin}, {"neg_margin", m.NegMargin}} {
		if err := f.within("pair-margin", lo, hi); err != nil {
			return err
		}
	}
	return nil
}

// Begin implements [Miner].
func (m *MarginMiner) Begin(*Problem) {}

// Passes implements [Miner]: none, each pair speaks for itself.
func (m *MarginMiner) Passes() int { return 0 }

// Fold implements [Miner].
func (m *MarginMiner) Fold(int, *Row) {}

// EndPass implements [Miner].
func (m *MarginMiner) EndPass(int) {}

// Select implements [Miner].
func (m *MarginMiner) Select(r *Row) {
	posBound, negBound := m.PosMargin, m.NegMargin
	if !m.Euclidean {
		posBound, negBound = -posBound, -negBound
	}
	least := leastWithin(m.Euclidean, negBound)
	r.keep(
		func(p Positive) bool { return r.apart(m.Euclidean, p.Col, p.Sim) > posBound },
		func(c int, s float32) bool { return s > least && r.apart(m.Euclidean, c, s) < negBound })
}

// parameter is a number that Validate looks at.
type parameter struct {
	name  string
	value float64
}

// within refuses a parameter that is not from lo to hi.
func (f parameter) within(owner string, lo, hi float64) error {
	if !(f.value >= lo && f.value <= hi) {
		return fmt.Errorf("pair: %s: %s is %g: give a value from %g to %g", owner, f.name, f.value, lo, hi)
	}
	return nil
}

// similarityRange is where margins lie: distances of unit rows, or similarities.
func similarityRange(euclidean bool) (lo, hi float64) {
	if euclidean {
		return 0, 2
	}
	return -1, 1
}

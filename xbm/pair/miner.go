package pair

import "math"

// A Miner chooses, anchor by anchor, the pairs or triplets that a loss is to see.
// Like a [Loss] it learns about the columns in passes over them, under the same
// rules of order and concurrency; after its last EndPass it is asked to Select
// in every row that a loss is shown. It never sees an anchor's own copy.
type Miner interface {
	Begin(p *Problem)
	// Passes is the number of passes that must be folded before Select.
	Passes() int
	Fold(pass int, r *Row)
	EndPass(pass int)
	// Select takes the pairs that it does not choose out of the row. It only
	// reads what was gathered; its calls may be concurrent and repeated.
	Select(r *Row)
}

// partners is a miner that chooses triplets: which positives each chosen
// negative stands with.
type partners interface {
	Miner
	// partners returns which of the anchor's positives, ranked by similarity
	// from the most similar on, stand with the negative at column c of the tile:
	// the ranks at places [lo, hi) of list, or, where list is nil, the ranks from
	// lo up to, not including, hi.
	partners(r *Row, c int) (list []int32, lo, hi int)
	// countTriplets asks for Times of the pairs, or not: they take a pass more.
	countTriplets(bool)
}

// tripletLoss is a loss that asks partners itself and needs no Times.
type tripletLoss interface{ asksForPartners() }

// Mined is a loss that sees only the pairs that a miner chooses. By a miner of
// triplets, a loss of triplets gets exactly those, and a loss of pairs each pair
// as often as it is part of one, as far as it takes sums over pairs.
type Mined struct {
	Miner Miner
	Loss  Loss
}

// Begin implements [Loss].
func (m *Mined) Begin(p *Problem) {
	if t, ok := m.Miner.(partners); ok {
		_, asks := m.Loss.(tripletLoss)
		t.countTriplets(!asks)
	}
	m.Miner.Begin(p)
	m.Loss.Begin(p)
}

// Passes implements [Loss]: the miner's, then the loss's.
func (m *Mined) Passes() int { return m.Miner.Passes() + m.Loss.Passes() }

// Fold implements [Loss].
func (m *Mined) Fold(pass int, r *Row) {
	if mining := m.Miner.Passes(); pass >= mining {
		m.Miner.Select(r)
		m.Loss.Fold(pass-mining, r)
		return
	}
	m.Miner.Fold(pass, r)
}

// EndPass implements [Loss].
func (m *Mined) EndPass(pass int) {
	if mining := m.Miner.Passes(); pass >= mining {
		m.Loss.EndPass(pass - mining)
		return
	}
	m.Miner.EndPass(pass)
}

// Summary implements [Loss].
func (m *Mined) Summary() Summary { return m.Loss.Summary() }

// Weigh implements [Loss].
func (m *Mined) Weigh(w []float32, r *Row) {
	m.Miner.Select(r)
	m.Loss.Weigh(w, r)
}

func (m *Mined) finish(e *Engine, dAnchors, dColumns []float32, p *Problem) {
	if i, ok := m.Loss.(indirect); ok {
		i.finish(e, dAnchors, dColumns, p)
	}
}

// keep takes out of the row the positives and negatives that are not wanted.
func (r *Row) keep(positive func(Positive) bool, negative func(c int, s float32) bool) {
	kept := r.Pos[:0]
	for _, p := range r.Pos {
		if positive(p) {
			kept = append(kept, p)
		}
	}
	r.Pos = kept
	for c, s := range r.Neg {
		if s > noPair && !negative(c, s) {
			r.Neg[c] = float32(math.Inf(-1))
		}
	}
}

// dropAll takes all pairs out of the row.
func (r *Row) dropAll() {
	r.Pos = r.Pos[:0]
	for c := range r.Neg {
		r.Neg[c] = float32(math.Inf(-1))
	}
}

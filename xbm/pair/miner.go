package pair

import "math/rand/v2"

// A Miner chooses, anchor by anchor, the pairs or triplets that a loss is to see.
// Like a [Loss] it learns about the columns in passes over them, under the same
// rules of order and concurrency. After its last EndPass it is asked to Select in
// every row that the loss is shown. Pairs that the [Rule] leaves out are never
// shown to it. Beside its parameters it may keep a random generator from step to
// step; see [Seeded].
type Miner interface {
	Begin(p *Problem)
	// Passes is the number of passes that must be folded before Select.
	Passes() int
	Fold(pass int, r *Row)
	EndPass(pass int)
	// Select takes the pairs that the miner does not choose out of the row, with
	// [Row.Keep] or [Row.DropAll] or by hand. It only reads what was gathered; its
	// calls may be concurrent and repeated.
	Select(r *Row)
}

// Partners tells which triplets a miner chose. A miner of triplets sets Row.Partners
// in Select.
type Partners interface {
	// Partners returns which of the anchor's positives, ranked by similarity from
	// the most similar on, stand with the negative at place c of the row: the ranks
	// at places [lo, hi) of list, or, where list is nil, the ranks from lo up to, not
	// including, hi. Of equally similar positives the first column ranks first.
	Partners(r *Row, c int) (list []int32, lo, hi int)
}

// Seeded is an optional interface of a Miner that draws at random.
type Seeded interface {
	// Random is the generator that it draws from: the only state that it keeps from
	// step to step.
	Random() *rand.PCG
}

// Mined is a loss that sees only the pairs that a miner chooses. With a miner of
// triplets, a loss of triplets gets exactly those. A loss of pairs gets each pair
// with its multiplicity, the number of the triplets that it is part of, as far as
// it takes sums over pairs. The zero value is not ready: it needs both.
type Mined struct {
	Miner Miner
	Loss  Loss

	problem Problem // as the miner sees it
}

// Begin implements [Loss].
func (m *Mined) Begin(p *Problem) {
	m.problem = *p
	m.problem.Triplets = TraitsOf(m.Loss).Triplets
	m.Miner.Begin(&m.problem)
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

// Finish implements [Finisher].
func (m *Mined) Finish(f *Finish) {
	if l, ok := m.Loss.(Finisher); ok {
		l.Finish(f)
	}
}

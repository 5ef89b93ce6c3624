// Package pair is the contract between a memory and a pair-based loss of deep
// metric learning: what a loss is shown, and what it answers.
//
// A pair loss L is a function of the cosine similarities S_ij between anchors i
// and columns j. So a trainer needs two things of it: its value, and the weights
// w_ij = ∂L/∂S_ij of the pairs:
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (equation 2)
//
// An engine takes the similarities, shows them to the loss row by row and tile by
// tile, and carries the weights on to the embeddings by the chain rule. The
// columns are the batch itself or a memory of any size. A loss folds the tiles
// into statistics of its anchors, so no batch × memory matrix and no list of index
// pairs is ever formed.
//
//   - [Problem] is the anchors and the columns; [Rule] says which of their pairs
//     count, and as what.
//   - [Loss] is what every loss implements. [Fast] is optional: with it a loss is
//     taken in one sweep over the columns, in place of two. With [Bounded] it says which
//     negatives make no difference.
//   - [Miner] chooses the pairs or triplets that a loss sees, [Mined] is a loss
//     with a miner. [FastMiner] is its optional fast path.
//   - [Traits] are the few facts that others must know of a loss; [Finisher] is a
//     loss whose gradient takes more than similarities; [Learner] and [ClassLoss]
//     have parameters of their own.
//   - [Inspection] shows how a loss weighs its pairs.
//
// Losses are in package xbm/loss, miners in xbm/miner. Losses and miners of other
// modules implement the same interfaces, and run as fast. To run one, give it to
// xbm.InBatch or xbm.CrossBatch.
package pair

// A Loss weighs pairs, in passes over the columns. One step of it is, in this
// order: Begin; for each pass Fold on every row of every tile, and EndPass; then
// Weigh on every row of every tile.
//
// Fold calls for different anchors may be concurrent. Those of one anchor come one
// after the other, with ascending columns. So a loss keeps its statistics by anchor
// and reduces them in the order of the anchors in EndPass: then no result depends
// on the number of threads. Weigh only reads what was gathered; its calls may be
// concurrent, in any order, and repeated.
//
// A Loss has state from Begin to the last Weigh: it serves one step at a time.
type Loss interface {
	// Begin forgets the step before and prepares for the anchors of p, which
	// stays valid until the last Weigh.
	Begin(p *Problem)
	// Passes is the number of passes before Weigh, at least 1.
	Passes() int
	// Fold takes in the pairs of one anchor with one tile of columns.
	Fold(pass int, r *Row)
	// EndPass is called when every pair has been folded in.
	EndPass(pass int)
	// Summary is valid after the last EndPass.
	Summary() Summary
	// Weigh stores ∂L/∂S of each of the row's pairs that has a weight. w has a
	// place for each column of the tile, zeroed before.
	Weigh(w []float32, r *Row)
}

// Summary is the outcome of one step. The loss fills the first three fields, the
// engine the others.
type Summary struct {
	Value           float64 // the loss
	ActivePositives int     // positive pairs with a weight that is not zero
	ActiveNegatives int     // negative pairs with a weight that is not zero

	Positives int // positive pairs
	// WithPositives is the number of the anchors that have any.
	WithPositives int
	Negatives     int // negative pairs
	Copies        int // pairs of kind Copy or KeptCopy; those of kind KeptCopy are among Positives
}

// Traits are what others must know of a loss beside its pairs. Their zero value
// is right for most.
type Traits struct {
	// Euclidean is set by a loss of Euclidean distances. A miner measures by the
	// distance of its loss unless it is told otherwise.
	Euclidean bool
	// Triplets is set by a loss that asks Row.Partners which triplets a miner
	// chose. Other losses get multiplicities instead: each pair counts as often as
	// it is part of a triplet.
	Triplets bool
	// BatchOnly says why the loss has no meaning against a memory; nil: it has one.
	BatchOnly error
}

// Described is an optional interface of a Loss whose Traits are not zero.
type Described interface{ Traits() Traits }

// TraitsOf returns the traits of a loss, mined or not.
func TraitsOf(l Loss) Traits {
	if m, ok := l.(*Mined); ok {
		l = m.Loss
	}
	if d, ok := l.(Described); ok {
		return d.Traits()
	}
	return Traits{}
}

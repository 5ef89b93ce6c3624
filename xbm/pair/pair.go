// Package pair holds the pair-based losses of deep metric learning, each as a
// weighting of pairs.
//
// Every pair loss L is a function of the cosine similarities S_ij between
// anchors i and columns j, so all that a trainer needs of it is its value and
// the weights w_ij = ∂L/∂S_ij:
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (equation 2)
//
// The chain rule from the weights to the embeddings is written once, in
// [Engine]. The columns may be the batch itself or a memory of any size: a loss
// sees them row by row and tile by tile, folds them into statistics of its
// anchors, and then weighs them, so that no batch × memory matrix and no list
// of index pairs is ever formed.
//
// A [Miner] chooses the pairs that a loss sees; [Mined] is a loss with a miner.
// [Parse] makes any of them from a text.
//
// Not here: the memory (package xbm) and anything that knows of a network.
package pair

// A Loss is a weighting of pairs that is computed in passes over the columns.
// The [Engine] calls, in this order: Begin; then for each pass Fold on every
// row of every tile, and EndPass; then Weigh on every row of every tile.
//
// Fold calls for different anchors may be concurrent; those of one anchor come
// one after the other, with ascending columns. So statistics are kept by anchor
// and reduced in the order of the anchors in EndPass, which makes every result
// independent of the number of threads. Weigh only reads what was gathered; its
// calls may be concurrent, in any order, and repeated.
//
// A Loss keeps state from Begin to the last Weigh: one Engine run at a time.
type Loss interface {
	// Begin forgets the step before and prepares for the anchors of p, which
	// stays valid until the last Weigh.
	Begin(p *Problem)
	// Passes is the number of passes that must be folded before Weigh, at least 1.
	Passes() int
	// Fold takes in the pairs of one anchor with one tile of columns.
	Fold(pass int, r *Row)
	// EndPass is told that every pair has been folded in.
	EndPass(pass int)
	// Summary is valid after the last EndPass.
	Summary() Summary
	// Weigh stores ∂L/∂S for each of the row's pairs that has a weight: w has a
	// place for each column of the tile and comes in zeroed.
	Weigh(w []float32, r *Row)
}

// Summary is what a loss says of one step.
type Summary struct {
	Value           float64 // the loss
	ActivePositives int     // positive pairs with a weight that is not zero
	ActiveNegatives int     // negative pairs with a weight that is not zero

	// The Engine fills these.
	Positives int // positive pairs
	Negatives int // negative pairs
	Copies    int // pairs of two embeddings of one sample, the anchor's own not counted: left out if Problem.SameID, else among Positives
}

// Side is one side of the pairs.
type Side struct {
	Rows   []float32 // unit rows, n×dim, row-major; a row of zeros is allowed
	Halves []uint16  // in place of Rows, for Columns that are no Anchors: the same in IEEE 754 binary16
	Labels []int32   // class of each row
	IDs    []int64   // sample each row is an embedding of; nil where unknown
	// Lengths are those of the rows before they were brought to unit length; nil:
	// 1. Only losses that say so look at them.
	Lengths []float32
	Births  []int64 // step at which each row was stored; nil where unknown, or where all are of this step

	// Scale and Shift (dim each), for Columns that are no Anchors: a row x stands
	// for Scale·x + Shift, element by element, brought to unit length. Nil: for
	// itself.
	Scale, Shift []float32
	// Factors are what ∂L/∂S of all pairs of a column is multiplied by, for Columns
	// that are no Anchors; nil: 1. (So is what a loss has of a pair that does not go
	// through S.) The loss's value and its choice of pairs know nothing of them.
	Factors []float32
}

// Problem is a set of anchors against a set of columns. A pair is positive when
// the labels agree and negative when they differ. Pairs of a sample with itself
// are neither.
type Problem struct {
	Dim     int
	Anchors Side
	Columns Side

	// Own gives for each anchor the column that holds this very embedding, -1
	// where none does. Nil: none at all.
	Own []int
	// Keys says that the Own columns hold another network's embeddings of what the
	// anchors are embeddings of, which are as little to be paired with them.
	Keys bool
	// SameID leaves out all pairs whose IDs agree, not only the Own ones.
	SameID bool
	// Views says that a column of the anchor's sample which was stored at Step, or
	// is of no known step, is another view of it and no copy: a positive.
	Views bool
	// Symmetric says that the columns are the anchors themselves, and that the
	// gradient is wanted through both sides of each pair.
	Symmetric bool
	// Oldest is the column that was stored first: from there on, and round, the
	// columns are in order of age. Losses that choose one of several rows choose
	// by this order, so that it makes no difference where a ring begins.
	Oldest int
	// Step is the training step, to tell ages by.
	Step int64
	// DLengths, as long as Anchors.Lengths, gets ∂L/∂Anchors.Lengths of losses that
	// look at them: added, and only if Symmetric. Nil: not wanted.
	DLengths []float32
}

// Positive is one positive pair of a row.
type Positive struct {
	Col   int     // within the tile
	Sim   float32 // cosine similarity
	Times float32 // how often it counts: 1, or the number of triplets that a miner chose it for
}

// Row is one anchor against one tile of columns. It is valid during the call.
type Row struct {
	Anchor int // index of the anchor
	First  int // column that the tile starts with
	// Neg is the cosine similarity with each column of the tile, and -Inf where
	// the pair is not a negative one.
	Neg []float32
	// Pos lists the positive pairs, by ascending column.
	Pos []Positive

	problem  *Problem
	cols     []int32   // the columns, of a row that is no tile; nil: from First on
	times    []float32 // of each negative, as Positive.Times; nil: 1
	scratch  []float32 // room for times
	places   []int32   // room for places of the row
	weight   []float32 // room for weights of a row that is no tile
	wide     []float32 // room for a column stored in 16 bits
	triplets partners  // which positives a negative stands with; nil: all
	own      int       // 1 if the tile holds the anchor itself
	copies   int       // other columns that are the same sample
	dropped  int       // of them, those left out
}

// column is the column that stands at place c of the row.
func (r *Row) column(c int) int {
	if r.cols == nil {
		return r.First + c
	}
	return int(r.cols[c])
}

// Times is how often the negative pair with column c of the tile counts: 1, or
// the number of triplets that a miner chose it for.
func (r *Row) Times(c int) float64 {
	if r.times == nil {
		return 1
	}
	return float64(r.times[c])
}

// noPair is below every similarity, and above what Row.Neg has for a pair that
// is not negative.
const noPair = -2

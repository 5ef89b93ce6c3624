package pair

// Halves are what ∂L/∂S of all positive pairs, and of all negative ones, is multiplied
// by. The loss's value, its choice of pairs and what it learns know nothing of them.
type Halves struct{ Positive, Negative float64 }

// Problem is a set of anchors against a set of columns: one step of a loss.
type Problem struct {
	Dim     int // numbers in a row
	Anchors Side
	Columns Side
	Rule    Rule // which pairs count

	// Symmetric says that the columns are the anchors themselves, and that the
	// gradient is wanted through both sides of each pair.
	Symmetric bool
	// Oldest is the column that was stored first: from there on, and round, the
	// columns are in order of age. Losses that choose one of several rows choose
	// by this order, so that it makes no difference where a ring begins.
	Oldest int
	// Step is the number of the training step, from 0, to tell ages by.
	Step int64
	// Triplets tells a miner that the loss asks Row.Partners which triplets were
	// chosen, and needs no multiplicities. [Mined] sets it for its miner.
	Triplets bool
	// Halves are factors for the weights of the positive and of the negative pairs, for
	// Columns that are no Anchors. Nil: 1.
	Halves *Halves
	// DLengths, as long as Anchors.Lengths, gets ∂L/∂Anchors.Lengths of losses that
	// look at them: added, and only if Symmetric. Nil: not wanted.
	DLengths []float32
	// Far returns the squared distance of an anchor and a column that may be with another of
	// Columns.Ranks, where it is known: for positives and for negatives that a miner has found,
	// where their similarity does not tell. An engine sets it, with the same bytes on all ranks.
	Far func(anchor, column int) (square float64, known bool)
}

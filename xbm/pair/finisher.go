package pair

// Finisher is an optional interface of a Loss that takes more than the
// similarities of its pairs: its value needs other sums first, or a part of its
// gradient goes past them.
type Finisher interface {
	Loss
	// Finish comes after the last EndPass, and before Summary and Weigh.
	Finish(f *Finish)
}

// Finish is what a [Finisher] is given.
type Finish struct {
	Problem *Problem
	// Anchors (anchors×dim) and Columns (columns×dim) are the gradients with respect
	// to the unit rows. Finish adds to them what does not go through similarities.
	// Columns is nil where it is not wanted, and Anchors where the problem is
	// Symmetric.
	Anchors, Columns []float32
	// Negatives is the number of each anchor's negatives before any miner.
	Negatives []int
	// Inspection is where weights that are taken here are shown; nil: nowhere.
	Inspection *Inspection
}

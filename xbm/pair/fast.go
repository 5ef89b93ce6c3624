package pair

// Fast is the optional fast path of a [Loss]: it weighs its negatives in the very
// sweep that folds them. That works where all that the loss finds out only at the
// end is one factor for each anchor (and part of the columns): one over the number
// of active pairs, say, or over a sum of exponentials. Then one product takes the
// similarities, the next one adds up the gradient, and no column is read twice.
//
// The engine takes this way against a memory, where the positives are few. The
// columns are cut into parts that no two threads share. It calls
//
//  1. Begin;
//  2. for each pass Fold on rows that hold an anchor's positives alone, with
//     EndPass between the passes, but not after the last;
//  3. BeginParts; WeighPart on every tile of negatives; EndParts;
//  4. the last EndPass; Finish, of a [Finisher];
//  5. Factor for each part and anchor; Summary; and Weigh on rows of positives
//     alone.
//
// The result must be that of Fold and Weigh alone, but for rounding. These stay the
// plain way, which the engine takes within a batch, for inspections, for many
// positives and for miners that are not [FastMiner]: the fast way is tested against
// it.
//
// Weights may be relative to something that a part learns on the way, such as the
// largest logit so far. When that changes, WeighPart returns by how much the part's
// earlier weights are to be scaled.
type Fast interface {
	Loss
	// IsFast reports whether the loss can, with its parameters as they are.
	IsFast() bool
	// BeginParts prepares sums for so many parts of the columns, for each anchor.
	BeginParts(parts int)
	// WeighPart folds the row's negatives into the sums of the part and stores their
	// weights up to Factor in w, which is zeroed. It returns how many weights it
	// stored, and what all earlier weights of the part and the anchor are to be
	// multiplied by: 1 for as they are. It may overwrite r.Neg, and use r.Scratch,
	// r.Places and r.Pos, which is empty, as room. Calls for different parts or
	// anchors may be concurrent; a part's tiles come with ascending columns.
	WeighPart(part int, r *Row, w []float32) (stored int, keep float32)
	// EndParts joins the sums, in the order of the parts, as if their negatives had
	// been folded.
	EndParts()
	// Factor is what the weights of the part and the anchor are to be multiplied by.
	// It is valid after the last EndPass.
	Factor(part, anchor int) float64
}

// FoldedFast is a [Fast] loss that must know all negatives before it can weigh one. The
// engine goes over them twice, or more often. In place of steps 2 to 5 it calls
//
//  1. for each pass Fold on rows that hold an anchor's positives alone; BeginParts;
//     FoldPart on every tile of negatives; EndParts; EndPass;
//  2. Finish, of a [Finisher];
//  3. WeighPart on every tile of negatives, for their weights as they are: it returns
//     no factor but 1, and Factor returns 1; Summary; and Weigh on rows of positives
//     alone.
//
// Of a [Bounded] one, pass Passes() is that of WeighPart.
type FoldedFast interface {
	Fast
	// FoldPart folds the row's negatives into the sums of the part. What holds of
	// WeighPart holds of it.
	FoldPart(part, pass int, r *Row)
}

// FastMiner is the optional fast path of a [Miner]: it folds the negatives by parts
// of the columns. For each of its passes the engine calls Fold on rows that hold an
// anchor's positives alone; then BeginParts, FoldPart on every tile of negatives,
// and EndParts; then EndPass. Calls may be concurrent as those of [Fast]. Its Select
// sets neither Multiplicities nor Partners, unless it is an [IntervalMiner] or IsFew.
type FastMiner interface {
	Miner
	BeginParts(parts int)
	FoldPart(part, pass int, r *Row)
	EndParts(pass int)
	// IsFew reports whether the miner chooses so few negatives that it can list them,
	// with its parameters as they are. Then the loss is shown those alone.
	IsFew() bool
	// Few visits an anchor's chosen negatives, each once, by ascending column. It is
	// called only if IsFew.
	Few(anchor int, visit func(column int, sim float32))
}

// IntervalMiner is a [FastMiner] of triplets, in which each positive stands with the
// negatives whose similarity lies in an interval. It goes with a [Fast] loss of triplets,
// see [Traits], whose WeighPart looks at Partners.
type IntervalMiner interface {
	FastMiner
	Partners
	// Interval says which negatives the anchor's positive of a rank stands with: those
	// more similar than above, and no more than upTo. It holds up to [NearlyOne], from
	// where on Partners tells.
	Interval(anchor, rank int) (above, upTo float32)
}

// Bounded is an optional interface of a [Fast] loss, and of a [FastMiner], that looks at
// similar negatives alone. The engine may then show it -Inf in place of others, or leave
// out a row of such: for few of them it does not take the products, where it can tell by
// coarser ones. The result is the same to the bit.
type Bounded interface {
	// Bound is a similarity at or under which negatives of the anchor in the part make
	// no difference to WeighPart, or to FoldPart of the pass: [NoPair] or less where all
	// do, +Inf where none does. It is asked before the pass, and before each tile of the
	// part. A pass in which no negative makes a difference is left out.
	Bound(part, pass, anchor int) float32
}

// Counted is an optional interface of a [Bounded] loss that needs the number of the
// negatives all the same.
type Counted interface {
	// CountNegatives is given the number of each anchor's negatives, after BeginParts,
	// where no miner chooses among them. Where it is not called, they are all shown.
	CountNegatives(negatives func(anchor int) int)
}

// BoundedChoice is an optional interface of a [FastMiner] that chooses similar negatives
// alone.
type BoundedChoice interface {
	// SelectBound is a similarity at or under which Select leaves no negative of the
	// anchor.
	SelectBound(anchor int) float32
}

package pair

// Sweeper is a device that can take the negatives of a [Fast] loss, or of one that is
// [Swept] though not fast: it goes over all columns of a problem, in parts. What it
// needs of a loss is a [Sweep], so that it knows the families of weights and not the
// losses; the positives, which are few, stay with the loss.
type Sweeper interface {
	// Begin takes the problem that the sweeps to come are of. It returns false for one
	// that it can't take.
	Begin(p *Problem) (taken bool, err error)
	// Parts is the number of parts that the columns fall into. It depends on nothing but
	// the problem.
	Parts() int
	// Sweep stores in sums (parts×anchors) what the negatives add up to. Unless the
	// weights are WeighNearest, it keeps the sums of the columns by weight for Gradient.
	Sweep(s *Sweep, sums []Sums) error
	// Gradient stores in dst (anchors×dim) the sums of the columns by weight, each part's
	// times its factor (parts×anchors).
	Gradient(dst, factors []float32) error
}

// Weighting is a family of weights w of a negative of similarity s.
type Weighting int

// The families. x is how far apart the pair is: the Euclidean distance, or -s.
const (
	// WeighNearest has no weights: it finds the most similar negative.
	WeighNearest Weighting = iota
	// WeighExp is e^(l-top) of the logit l = Sharpness·s, top being a part's largest.
	WeighExp
	// WeighCircle is WeighExp of the logit Sharpness·α·(s-Margin), times α = [s+Margin]₊.
	WeighCircle
	// WeighHinge is |∂x/∂s| where Margin-x is above Least.
	WeighHinge
	// WeighRanked is |∂x/∂s| times the number of the anchor's Aparts above x-Margin.
	WeighRanked
)

// Sweep is what to take of the negatives.
type Sweep struct {
	Weighting         Weighting
	Euclidean         bool
	Sharpness, Margin float64
	Least             float64

	// Above and Below are bounds by anchor: negatives that are not between them are left
	// out. Nil: none.
	Above, Below []float32
	// Aparts are those of all anchors' positives, each anchor's ascending: anchor i's are
	// at places [First[i], First[i+1]). For WeighRanked.
	Aparts []float32
	First  []int32
	// Ranks gets the number of negatives by the rank of the first positive that they are
	// counted for, at places as in Aparts. For WeighRanked.
	Ranks []int32
}

// Sums is what one anchor's negatives in one part add up to.
type Sums struct {
	Top   float32 // WeighNearest: the largest similarity; WeighExp, WeighCircle: the largest logit
	Sum   float32 // Σ of e^(l-top); of Margin-x; of x times the number of positives
	Count int32   // WeighNearest: the column of Top, -1 for none; else how many have a weight
}

// Swept is a loss whose negatives a [Sweeper] can take. The calls are those of [Fast],
// but that JoinPart, for each part and anchor, stands in place of WeighPart, and
// Prepare before it.
type Swept interface {
	Loss
	// Prepare sets s to what the loss takes of its negatives, or returns false: with its
	// parameters as they are, it needs more than similarities.
	Prepare(s *Sweep) bool
	BeginParts(parts int)
	JoinPart(part, anchor int, s Sums)
	EndParts()
	Factor(part, anchor int) float64
}

// SweptMiner is a [FastMiner] that finds what it needs in sweeps by WeighNearest, or in
// the positives.
type SweptMiner interface {
	FastMiner
	// PrepareMining sets s to what a pass takes of the negatives. It returns false where
	// that is more than the most similar one.
	PrepareMining(pass int, s *Sweep) bool
	// JoinNearest takes in the anchor's most similar negative; column -1 for none.
	JoinNearest(pass, anchor, column int, sim float32)
	// Bounds sets the bounds of the negatives that Select leaves the loss, after the
	// last pass. It returns false where bounds don't tell.
	Bounds(s *Sweep) bool
}

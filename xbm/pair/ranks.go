package pair

import "errors"

// Ranks are processes that share out the columns of a problem: column j is with rank j %
// Size, at place j / Size. All call the same methods in the same order, and wait for each
// other. An error is that of a rank that is lost.
type Ranks interface {
	Rank() int // of this process, from 0
	Size() int // number of ranks
	// Gather stores the parts of all ranks in dst, in the order of the ranks. dst has Size
	// × len(part) numbers.
	Gather(dst, part []float64) error
	// Add replaces x, on every rank, by its sums over the ranks.
	Add(x []float32) error
}

// Parted is a [Fast] loss, or a [FastMiner], whose sums over the parts of the columns can be
// taken by several ranks, each with some of the parts. After its own parts, every rank is given
// those of all; then EndParts follows.
type Parted interface {
	// AppendPart appends what the part has of the anchor to x. What is appended for an anchor
	// has one length in all parts.
	AppendPart(x []float64, part, anchor int) []float64
	// SetPart sets what the part has of the anchor to what AppendPart has appended to x, and
	// returns the rest of x.
	SetPart(x []float64, part, anchor int) []float64
}

// PartedMiner is a [Parted] miner.
type PartedMiner interface {
	FastMiner
	Parted
	// EachNegative shows, after EndParts, the negatives whose distance EndPass or Select asks
	// for beside those in a row.
	EachNegative(show func(anchor, column int, sim float32))
}

// CheckRanks returns an error that says why the loss, or its miner, can't be taken of columns
// that are shared out to ranks; nil where it can.
func CheckRanks(l Loss) error {
	few := false
	if m, mined := l.(*Mined); mined {
		miner, ok := m.Miner.(PartedMiner)
		if !ok {
			return errors.New("its miner needs all rows in one place")
		}
		l, few = m.Loss, miner.IsFew()
	}
	f, ok := l.(Fast)
	_, parted := l.(Parted)
	switch _, finishes := l.(Finisher); {
	case finishes:
		return errors.New("its gradient takes more than similarities with the anchors, and so all rows in one place")
	case !few && (!ok || !parted || !f.IsFast()):
		return errors.New("it takes no sums that ranks could join, and needs all rows in one place")
	}
	return nil
}

// ranked returns the number of ranks that the side's rows are with, and which this process
// is: 1 and 0 where all are here.
func (s *Side) ranked() (size, rank int) {
	if s.Ranks == nil {
		return 1, 0
	}
	return s.Ranks.Size(), s.Ranks.Rank()
}

// Holds reports whether row i is here.
func (s *Side) Holds(i int) bool {
	size, rank := s.ranked()
	return i%size == rank
}

// Held is the number of rows that are here.
func (s *Side) Held() int {
	size, rank := s.ranked()
	return (len(s.Labels) - rank + size - 1) / size
}

// Index is which row the k-th is that is here.
func (s *Side) Index(k int) int {
	size, rank := s.ranked()
	return k*size + rank
}

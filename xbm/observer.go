package xbm

import "crossbatch/xbm/pair"

// Observer looks at one Add of a term, and changes nothing of it. It is given to
// the Add that it is to look at.
type Observer interface {
	// Begin is called when the batch is known to be sound and nothing has changed
	// yet. m is the term's memory, nil where it has none. It returns where the weights
	// of all pairs are to be shown; nil: nowhere, which is faster. An error ends the
	// Add, and nothing has changed.
	Begin(b Batch, m *Memory) (*pair.Inspection, error)
	// End is called when the loss has been taken, before any weight. A memory that
	// stores the batch last has not stored it yet.
	End(s *Seen)
}

// Seen is what an [Observer] is shown of an Add. It is valid during the call, and
// must not be changed.
type Seen struct {
	Problem  *pair.Problem // what the loss was taken of
	Summary  pair.Summary
	Unit     *pair.Unit // the batch
	Gradient []float32  // ∂L/∂ unit rows of the batch, n×dim
	Slots    []int      // where the memory holds each row of the batch, -1 for nowhere; nil without a memory
	Stored   []float32  // unit rows that the memory stores for the batch, n×dim; nil without a memory
}

// Inspect returns the observer that fills an inspection with the weights of all
// pairs; none where into is nil.
func Inspect(into *pair.Inspection) Observer { return inspector{into} }

type inspector struct{ into *pair.Inspection }

func (i inspector) Begin(Batch, *Memory) (*pair.Inspection, error) { return i.into, nil }

func (i inspector) End(*Seen) {}

// observed is the observers of one Add.
type observed struct {
	all    []Observer
	wanted []*pair.Inspection
}

// observe begins an Add.
func observe(observers []Observer, b Batch, m *Memory) (o observed, err error) {
	o.all = observers
	for _, each := range observers {
		into, err := each.Begin(b, m)
		if err != nil {
			return o, err
		}
		if into != nil {
			o.wanted = append(o.wanted, into)
		}
	}
	return o, nil
}

// inspection is where the engine is to show weights, nil for nowhere.
func (o *observed) inspection() *pair.Inspection {
	if len(o.wanted) == 0 {
		return nil
	}
	return o.wanted[0]
}

// end ends an Add.
func (o *observed) end(s *Seen) {
	for k := 1; k < len(o.wanted); k++ {
		*o.wanted[k] = *o.wanted[0]
	}
	for _, each := range o.all {
		each.End(s)
	}
}

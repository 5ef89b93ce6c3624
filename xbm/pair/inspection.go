package pair

import (
	"math"
	"unsafe"
)

// The bins of an inspection.
const (
	simBins = 40 // of similarity, from -1 to 1
	ageBins = 20 // of age: 0 steps, 1, 2-3, 4-7 and so on, the last without end
)

// Inspection is what the weights of one run look like, pair by pair: the view of
// general pair weighting, in which a loss is nothing but its weights
// (arXiv 1904.06627, section 3). Terms of package xbm fill one.
type Inspection struct {
	anchors []inspected
}

// inspected is what an anchor's weights add up to.
type inspected struct {
	pos, neg  [simBins]float64 // Σ|w| by similarity
	age       [ageBins]float64 // Σ|w| by age
	old       float64          // Σ|w| of columns stored before this step
	sum, sqrs float64          // Σ|w|, Σw² of the negatives
}

// numbers are all of them, in place.
func (a *inspected) numbers() [][]float64 {
	one := func(x *float64) []float64 { return unsafe.Slice(x, 1) }
	return [][]float64{a.pos[:], a.neg[:], a.age[:], one(&a.old), one(&a.sum), one(&a.sqrs)}
}

// Weights is an inspection in numbers. All sums are of |w|, w = ∂L/∂S.
type Weights struct {
	Positives []float64 `json:"positives"` // sums by similarity: equal bins from -1 to 1
	Negatives []float64 `json:"negatives"`
	// Ages are sums by the age of the column: bin 0 is this step's rows, bin k
	// those from 2^(k-1) up to, not including, 2^k steps old.
	Ages []float64 `json:"ages"`
	// Old is the share of all weights on rows that were stored before this step.
	Old float64 `json:"old_share"`
	// EffectiveNegatives is how many negatives of equal weight an anchor's would
	// come to, (Σ|w|)²/Σw²: the mean over the anchors that have any.
	EffectiveNegatives float64 `json:"effective_negatives"`
}

// Begin forgets what was, for so many anchors. Engines call it.
func (n *Inspection) Begin(anchors int) { n.anchors = make([]inspected, anchors) }

// Join replaces the sums, on every rank, by those over all ranks' pairs.
func (n *Inspection) Join(r Ranks) error {
	var own []float64
	for i := range n.anchors {
		for _, x := range n.anchors[i].numbers() {
			own = append(own, x...)
		}
	}
	all := make([]float64, r.Size()*len(own))
	if err := r.Gather(all, own); err != nil {
		return err
	}
	clear(n.anchors)
	for len(all) > 0 {
		for i := range n.anchors {
			for _, x := range n.anchors[i].numbers() {
				for k := range x {
					x[k] += all[k]
				}
				all = all[len(x):]
			}
		}
	}
	return nil
}

// Append adds the anchors of another inspection.
func (n *Inspection) Append(other *Inspection) { n.anchors = append(n.anchors, other.anchors...) }

// Add takes in a row with its weights. Calls for different anchors may be
// concurrent.
func (n *Inspection) Add(r *Row, w []float32) {
	a := &n.anchors[r.Anchor]
	for _, p := range r.Pos {
		if x := math.Abs(float64(w[p.Col])); x > 0 {
			a.pos[simBin(p.Sim)] += x
			a.aged(r, p.Col, x)
		}
	}
	for c, s := range r.Neg {
		if x := math.Abs(float64(w[c])); s > NoPair && x > 0 {
			a.neg[simBin(s)] += x
			a.sum += x
			a.sqrs += x * x
			a.aged(r, c, x)
		}
	}
}

func (a *inspected) aged(r *Row, c int, x float64) {
	births := r.Problem.Columns.Births
	if births == nil {
		a.age[0] += x
		return
	}
	age := max(0, r.Problem.Step-births[r.Column(c)])
	if age > 0 {
		a.old += x
	}
	bin := 0
	for ; age > 0 && bin < ageBins-1; age /= 2 {
		bin++
	}
	a.age[bin] += x
}

func simBin(s float32) int {
	return min(simBins-1, max(0, int((float64(s)+1)/2*simBins)))
}

// Weights returns the sums over all anchors.
func (n *Inspection) Weights() Weights {
	w := Weights{Positives: make([]float64, simBins), Negatives: make([]float64, simBins), Ages: make([]float64, ageBins)}
	var all, old, count float64
	for i := range n.anchors {
		a := &n.anchors[i]
		for k := range simBins {
			w.Positives[k] += a.pos[k]
			w.Negatives[k] += a.neg[k]
			all += a.pos[k] + a.neg[k]
		}
		for k := range ageBins {
			w.Ages[k] += a.age[k]
		}
		old += a.old
		if a.sum > 0 {
			w.EffectiveNegatives += a.sum * a.sum / a.sqrs
			count++
		}
	}
	if all > 0 {
		w.Old = old / all
	}
	if count > 0 {
		w.EffectiveNegatives /= count
	}
	return w
}

package eval

import (
	"errors"

	"crossbatch/xbm/kernel"
)

// Evaluation is all that is said of a set of embeddings: how they retrieve, how
// they cluster and how they lie. The last two are of the queries alone, where
// there is a gallery.
type Evaluation struct {
	Scores
	// PrecisionAt1 is the share of queries whose first neighbour is of their class:
	// recall at 1.
	PrecisionAt1 float64 `json:"precision_at_1"`

	// NMI and AMI are the agreement of a k-means clustering, with as many clusters
	// as classes, with the classes; nil where it was left out.
	NMI *float64 `json:"nmi,omitempty"`
	AMI *float64 `json:"ami,omitempty"`

	Classes int `json:"classes"` // of the queries
	Dim     int `json:"dim"`     // numbers in an embedding

	Diagnosis *Diagnosis `json:"diagnosis,omitempty"`

	// LeftOut says what was not computed.
	LeftOut []LeftOut `json:"left_out,omitempty"`

	// Each is how the queries with a partner retrieved, by their places.
	Each []Query `json:"-"`
}

// LeftOut is a part of an evaluation that was not computed.
type LeftOut struct {
	What string `json:"what"`
	// Work is the products of two numbers that it would take about, where they were
	// too many; else Why says what it lacks.
	Work float64 `json:"work,omitempty"`
	Why  string  `json:"why,omitempty"`
}

// Query is how one query retrieved.
type Query struct {
	Query  int // its place among the queries
	Others int // of its class in what it was compared with: R
	// AveragePrecision is its part of MAP@R: 1/R·Σ P(i)·rel(i) for the ranks i up
	// to R.
	AveragePrecision float64
}

// Effort says how much work an [Evaluation] may be. The zero value bounds nothing.
type Effort struct {
	// Most is about how many products of two numbers each of its parts may take
	// beyond the ranks that recall and R-precision need: that of all ranks (MAP and
	// MRR), the clustering and the diagnosis. What takes more is left out. 0: any.
	Most float64
	// Progress, if not nil, is told now and then how far a part is, by several
	// goroutines at once.
	Progress func(part string, done, of int)
}

// Evaluate scores r, with rank 1 among its ranks and as much else as effort
// allows; r.Full says whether MAP and MRR are wanted. The seed of the clustering
// is r.Seed.
func (r Retrieval) Evaluate(effort Effort) (Evaluation, error) {
	e := Evaluation{Dim: r.Dim}
	if err := r.check(); err != nil {
		return e, err
	}
	r.Ranks = append([]int{1}, r.Ranks...)
	progress := effort.Progress
	if progress == nil {
		progress = func(string, int, int) {}
	}
	r.Progress = func(done, of int) { progress("ranking queries", done, of) }
	if r.Full && !e.allows(effort, "MAP and MRR", r.fullWork()) {
		r.Full = false
	}
	scores, each, err := r.score()
	if err != nil {
		return e, err
	}
	e.Scores = scores
	e.PrecisionAt1, _ = scores.Recall.At(1)
	for _, q := range each {
		e.Each = append(e.Each, Query{int(q.query), int(q.others), q.precision / float64(q.others)})
	}
	r = r.spread()
	sizes := counts(r.QueryLabels)
	e.Classes = len(sizes)
	if r.several() {
		e.Classes = len(newLabelSets(Retrieval{QuerySets: r.QuerySets}, func(int) bool { return false }).rows)
		e.LeftOut = append(e.LeftOut, LeftOut{What: "NMI, AMI and diagnosis", Why: "they need one label a row"})
		return e, nil
	}
	n, k, d := float64(len(r.QueryLabels)), float64(len(sizes)), float64(r.Dim)
	if e.allows(effort, "NMI and AMI", kmeansRounds*n*k*d) {
		nmi, ami, err := clustering(r.Queries, r.Dim, r.QueryLabels, r.Seed, func(rounds int) { progress("clustering", rounds, kmeansRounds) })
		if err != nil {
			return e, err
		}
		e.NMI, e.AMI = &nmi, &ami
	}
	// Of a product for each pair of dimensions, and their eigenvalues, the library
	// takes longer than our own.
	const library = 20
	if e.allows(effort, "diagnosis", library*(n+d)*d*d) {
		diagnosis, err := Diagnose(r.Queries, r.Dim, r.QueryLabels)
		switch {
		case errors.Is(err, ErrNoPartner):
			e.LeftOut = append(e.LeftOut, LeftOut{What: "diagnosis", Why: "it needs two classes of queries, one of two at least"})
		case err != nil:
			return e, err
		default:
			e.Diagnosis = &diagnosis
		}
	}
	return e, nil
}

// spread is r with the rows whose clustering and spread are looked at: the queries
// by the distance that r asks for, without junk.
func (r Retrieval) spread() Retrieval {
	if r.Distance == Cosine {
		unit := make([]float32, len(r.Queries))
		kernel.NormalizeRows(unit, make([]float32, r.queries()), r.Queries, r.Dim)
		r.Queries = unit
	}
	if v := r.relevance(); r.alone() && len(v.junk) > 0 && !r.several() {
		var rows []float32
		var labels []int32
		for _, q := range r.chosen(v) {
			rows, labels = append(rows, r.Queries[q*r.Dim:(q+1)*r.Dim]...), append(labels, r.QueryLabels[q])
		}
		r.Queries, r.QueryLabels = rows, labels
	}
	return r
}

// allows says whether a part is little enough work, and notes it if not.
func (e *Evaluation) allows(effort Effort, part string, work float64) bool {
	if effort.Most == 0 || work <= effort.Most {
		return true
	}
	e.LeftOut = append(e.LeftOut, LeftOut{What: part, Work: work})
	return false
}

// fullWork is about the products that the ranks of all that is relevant take: for
// each, each row is compared with it or, where they are many, all are sorted.
func (r Retrieval) fullWork() float64 {
	const comparing, sorting = 4, 850 // a row: as long as so many products
	v := r.relevance()
	chosen := r.chosen(v)
	most := 0
	for _, q := range chosen {
		most = max(most, v.count(q))
	}
	each := float64(comparing * most)
	if most > mostRelevant {
		each = sorting
	}
	return float64(len(chosen)) * float64(r.others()) * (float64(r.Dim) + each)
}

package run

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// The batch whose pairs are weighed: as many classes and rows of each at most.
const (
	weighedClasses = 32
	weighedRows    = 4
)

var errNothingToWeigh = errors.New("the weights of pairs need embeddings of one label a row, of two classes with two rows each at least")

// weigh is the weights of pairs of the retrieval's queries; nil where they are not wanted.
func (h How) weigh(r eval.Retrieval) (*record.PairWeights, error) {
	if !h.PairWeights {
		return nil, nil
	}
	if r.QuerySets != nil {
		return nil, errNothingToWeigh
	}
	w, err := PairWeights(r.Queries, r.Dim, r.QueryLabels, h.Seed)
	return &w, err
}

// PairWeights takes every loss of pairs, with its usual parameters, of the same rows of
// embeddings (n×dim) and returns how each weighs their pairs by similarity: 4 rows of each
// of 32 classes, drawn by seed, or as many as there are. Negative labels are of no class.
// In the view of general pair weighting, that is all that a loss is:
//
//	Xun Wang, Xintong Han, Weilin Huang, Dengke Dong, Matthew R. Scott.
//	Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning.
//	CVPR 2019. https://arxiv.org/abs/1904.06627 (section 3)
func PairWeights(embeddings []float32, dim int, labels []int32, seed uint64) (record.PairWeights, error) {
	var w record.PairWeights
	if dim < 1 || len(embeddings) != dim*len(labels) {
		return w, fmt.Errorf("run: %d numbers for %d labels and embeddings of %d", len(embeddings), len(labels), dim)
	}
	batch := xbm.Batch{}
	rng := rand.New(rand.NewPCG(seed, 0x9a125))
	classes := eval.ByClass(labels)
	for _, c := range rng.Perm(len(classes)) {
		class := classes[c]
		if w.Classes == weighedClasses || len(class) < 2 || labels[class[0]] < 0 {
			continue
		}
		rng.Shuffle(len(class), func(i, j int) { class[i], class[j] = class[j], class[i] })
		for _, i := range class[:min(weighedRows, len(class))] {
			batch.Embeddings = append(batch.Embeddings, embeddings[i*dim:(i+1)*dim]...)
			batch.Labels, batch.IDs = append(batch.Labels, labels[i]), append(batch.IDs, int64(i))
		}
		w.Classes++
	}
	if w.Classes < 2 {
		return w, errNothingToWeigh
	}
	w.Rows = len(batch.Labels)
	take := func(l pair.Loss) (pair.Weights, float64, error) {
		var into pair.Inspection
		s, err := (&xbm.InBatch{Loss: l}).Add(make([]float32, len(batch.Embeddings)), batch, xbm.Inspect(&into))
		return into.Weights(), s.Value, err
	}
	var err error
	if w.Pairs, _, err = take(new(alike)); err != nil {
		return w, err
	}
	for _, name := range loss.Names() {
		l, err := loss.Parse(name)
		if err != nil {
			return w, err
		}
		of := record.LossWeight{Loss: name}
		if of.Weights, of.Value, err = take(l); err != nil {
			return w, fmt.Errorf("%s: %w", name, err)
		}
		w.Losses = append(w.Losses, of)
	}
	return w, nil
}

// alike is a loss that weighs all pairs alike, so that an inspection counts them.
type alike struct{}

func (*alike) Begin(*pair.Problem)   {}
func (*alike) Passes() int           { return 1 }
func (*alike) Fold(int, *pair.Row)   {}
func (*alike) EndPass(int)           {}
func (*alike) Summary() pair.Summary { return pair.Summary{} }
func (*alike) Weigh(w []float32, r *pair.Row) {
	for _, p := range r.Pos {
		w[p.Col] = 1
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			w[c] = 1
		}
	}
}

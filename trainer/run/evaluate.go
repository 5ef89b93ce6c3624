package run

import (
	"context"
	"errors"
	"fmt"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/verification"
	"crossbatch/trainer/embedded"
	"crossbatch/trainer/setting"
)

// How says how embeddings are evaluated.
type How struct {
	// Retrieval says which scores are computed and by which distance. Its embeddings and
	// labels are ignored. Nil Ranks stand for the k of recall@k that are usual for the set.
	eval.Retrieval
	// Most is about how many products of numbers each part of the evaluation may take. A part
	// that takes more is left out and named. 0: no limit.
	Most float64
	// Draws is the number of random galleries of one image a class that are scored; 0: none.
	Draws int
	// Verification, if not nil, adds the verification of all pairs. Its embeddings are
	// ignored.
	Verification *verification.Task
	// PairWeights adds how every loss of pairs weighs the pairs of some of the embeddings.
	PairWeights bool
}

// DefaultHow returns the evaluation of xbm eval: all scores that take no more than about a
// minute, also as means over classes, with bootstrap intervals.
func DefaultHow() How {
	return How{Retrieval: eval.Retrieval{Full: true, ClassMeans: true, Resamples: Resamples, Seed: EvaluationSeed}, Most: Patient}
}

// Settings returns the settings of the fields with a single value, bound to them.
func (h *How) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "distance", Value: &h.Distance, Group: "How", Unit: "distance", Range: setting.Form("euclidean or cosine"), Help: "`DISTANCE` of embeddings: euclidean or cosine"},
		{Key: "draws", Value: &h.Draws, Group: "How", Unit: "draws", Range: setting.AtLeast(0).Note("none"), Help: "`NUMBER` of draws of a gallery of one row a class, with all others as queries; 0: none"},
		{Key: "pair-weights", Value: &h.PairWeights, Group: "How", Range: setting.Any(), Help: "how every loss weighs pairs of these embeddings, as though 128 of them were a batch: in --out the figure pair-weights.svg"},
		{Key: "resamples", Value: &h.Resamples, Group: "How", Unit: "resamples", Range: setting.AtLeast(0).Note("no bounds"), Help: "resamples of the queries for the bounds; 0: no bounds"},
		{Key: "seed", Value: &h.Seed, Group: "How", Unit: "seed", Range: setting.Any(), Help: "`SEED` of the resamples and the clustering"},
	}
}

// Validate returns an error if a setting is out of its range.
func (h How) Validate() error {
	if h.Draws == 1 {
		return errors.New("draws is 1: give 2 or more, the field takes 10, or 0 for none")
	}
	return setting.Validate(h.Settings())
}

// begun is e with what how says of it.
func (h How) begun(e record.Evaluation) record.Evaluation {
	e.Seed = h.Seed
	if h.Distance != eval.Euclidean {
		e.Distance = h.Distance.String()
	}
	return e
}

// Evaluate embeds a part of the set and evaluates the embeddings. The Scored result can draw
// pictures of queries and their neighbours.
func (m *Model) Evaluate(ctx context.Context, part string, how How) (record.Evaluation, Scored, error) {
	e := how.begun(record.Evaluation{Run: m.dir, Data: m.Config.Data.Set, Part: part})
	switch {
	case m.isOwn && part == PartTrain:
		e.Note = "which was trained on"
	case m.isOwn && part == PartAll:
		e.Note = "which was trained on in part"
	}
	scored, err := m.Score(ctx, part, how.Retrieval, how.Most)
	if err != nil {
		return e, scored, err
	}
	e.Evaluation = scored.Evaluation
	if e.Draws, err = how.draw(scored.retrieval); err != nil {
		return e, scored, err
	}
	if how.Verification != nil {
		v, err := m.Verify(ctx, part, *how.Verification)
		if err != nil {
			return e, scored, err
		}
		e.Verification = &v
	}
	e.PairWeights, err = how.weigh(scored.retrieval)
	return e, scored, err
}

// draw scores over draws of a gallery; nil for none.
func (h How) draw(r eval.Retrieval) (*eval.Draws, error) {
	if h.Draws == 0 {
		return nil, nil
	}
	d, err := r.Draws(h.Draws)
	return &d, err
}

// EvaluateFiles evaluates embeddings that are read from files.
func (s *Session) EvaluateFiles(ctx context.Context, f embedded.Files, how How) (record.Evaluation, error) {
	e := how.begun(record.Evaluation{Embeddings: f.Embeddings, QueryEmbeddings: f.Query})
	r, err := f.Retrieval()
	if err != nil {
		return e, err
	}
	if how.Verification != nil && (f.Query != "" || r.QuerySets != nil || r.Junk != nil) {
		return e, errors.New("--verification goes with embeddings of one label a row, all known, and no queries: give those, or --pairs")
	}
	r.Distance, r.Ranks, r.Full, r.ClassMeans, r.Resamples, r.Seed = how.Distance, how.Ranks, how.Full, how.ClassMeans, how.Resamples, how.Seed
	if r.Ranks == nil {
		if r.Ranks = []int{1, 2, 4, 8}; r.QueryCameras != nil {
			r.Ranks = []int{1, 5, 10, 20}
		}
	}
	if e.Evaluation, err = s.Evaluate(ctx, r, how.Most); err == nil {
		e.Draws, err = how.draw(r)
	}
	if err == nil {
		e.PairWeights, err = how.weigh(r)
	}
	if err == nil && how.Verification != nil {
		task := *how.Verification
		task.Dim, task.Embeddings, task.Labels = r.Dim, r.Queries, r.QueryLabels
		e.Verification = &record.Verification{}
		e.Verification.Scores, err = s.Tell(ctx, task)
	}
	if err != nil {
		return e, fmt.Errorf("%s: %w", f.Embeddings, err)
	}
	return e, nil
}

// EvaluatePairs verifies a list of pairs of rows of embeddings that are read from files, see
// [embedded.Files.Pairs].
func (s *Session) EvaluatePairs(ctx context.Context, f embedded.Files, list string, how verification.Task) (record.PairsEvaluation, error) {
	e := record.PairsEvaluation{Embeddings: f.Embeddings, Pairs: list}
	task, err := f.Pairs(list)
	if err != nil {
		return e, err
	}
	task.Distance, task.FARs, task.Threshold = how.Distance, how.FARs, how.Threshold
	if e.Scores, err = s.Tell(ctx, task); err != nil {
		return e, fmt.Errorf("%s: %w", list, err)
	}
	return e, nil
}

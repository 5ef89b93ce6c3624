package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"crossbatch/eval/record"
	"crossbatch/eval/verification"
	"crossbatch/trainer"
)

// Verify verifies all pairs of images of a part, as how says: are two images of one class? The
// embeddings of how are ignored. For the test part without a threshold in how, the threshold
// is chosen on the validation classes, so that the test does not choose it.
func (m *Model) Verify(ctx context.Context, part string, how verification.Task) (record.Verification, error) {
	var v record.Verification
	if part == PartTest && how.Threshold == nil && len(m.split.Validation) > 0 {
		chosen, err := m.tell(ctx, m.split.Validation, how)
		switch {
		case err == nil:
			how.Threshold, v.ThresholdFrom = &chosen.Best.Threshold, PartValidation
		case !errors.Is(err, verification.ErrOneKind):
			return v, err
		}
	}
	if m.session.set.NoClasses {
		return v, m.unsplit
	}
	index, err := m.Part(part)
	if err == nil {
		v.Scores, err = m.tell(ctx, index, how)
	}
	if err != nil {
		return v, fmt.Errorf("%s, %s: %w", m.Config.Data.Set, part, err)
	}
	return v, nil
}

func (m *Model) tell(ctx context.Context, index []int, how verification.Task) (verification.Scores, error) {
	emb, err := m.Embed(ctx, index)
	if err != nil {
		return verification.Scores{}, err
	}
	t := trainer.Verification(m.session.set, index, emb, m.Net.Dim())
	how.Dim, how.Embeddings, how.Labels, how.Pairs = t.Dim, t.Embeddings, t.Labels, nil
	return m.session.Tell(ctx, how)
}

// Tell computes the scores of a verification task.
func (s *Session) Tell(ctx context.Context, t verification.Task) (verification.Scores, error) {
	defer s.Progress.end()
	t.Progress = func(done, of int) { s.Progress.part("telling pairs apart", done, of) }
	return trainer.Await(ctx, t.Score)
}

// EvaluatePairs verifies the pairs of the file list, see [Model.VerifyPairs].
func (m *Model) EvaluatePairs(ctx context.Context, list string, how verification.Task) (record.PairsEvaluation, error) {
	e := record.PairsEvaluation{Run: m.dir, Data: m.Config.Data.Set, Pairs: list}
	file, err := os.Open(list)
	if err != nil {
		return e, fmt.Errorf("pairs: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	if e.Verification, err = m.VerifyPairs(ctx, file, how); err != nil {
		return e, fmt.Errorf("%s: %w", list, err)
	}
	return e, nil
}

// VerifyPairs verifies the pairs of a list. The list names images by their files or, if they
// have none, by their index in the set. If the list does not say whether a pair is positive,
// the classes do.
func (m *Model) VerifyPairs(ctx context.Context, list io.Reader, how verification.Task) (record.Verification, error) {
	var v record.Verification
	set := m.session.set
	pairs, judged, err := verification.ReadPairs(list, verification.Rows{Names: set.Files, Number: set.Len()})
	if err != nil {
		return v, err
	}
	row := map[int]int32{}
	var index []int
	for _, p := range pairs {
		index = append(index, int(p.A), int(p.B))
	}
	slices.Sort(index)
	index = slices.Compact(index)
	for k, i := range index {
		row[i] = int32(k)
		if _, trained := slices.BinarySearch(m.split.Train, i); trained {
			v.TrainedOn++
		}
	}
	how.Pairs = nil
	for _, p := range pairs {
		if !judged {
			p.Same = set.Labels[p.A] == set.Labels[p.B]
		}
		how.Pairs = append(how.Pairs, verification.Pair{A: row[int(p.A)], B: row[int(p.B)], Same: p.Same})
	}
	how.Dim = m.Net.Dim()
	if how.Embeddings, err = m.Embed(ctx, index); err != nil {
		return v, err
	}
	v.Scores, err = m.session.Tell(ctx, how)
	return v, err
}

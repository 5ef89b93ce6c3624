package run

import (
	"context"
	"fmt"

	"crossbatch/eval"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// The defaults of an evaluation of embeddings.
const (
	Resamples      = 1000 // of the bootstrap
	EvaluationSeed = 1    // of the bootstrap and the clustering
	// Patient is the default of How.Most: about the number of products that take a minute on
	// two cores. The evaluation after a training allows fewer.
	Patient = 2e12
	brief   = 5e10
)

// PartAll is the name of the whole set, without a split.
const PartAll = "all"

// Scored is a part of a set with its embeddings and their scores.
type Scored struct {
	eval.Evaluation
	retrieval eval.Retrieval
	set       *data.Set
	// The images of the queries and of what they are compared with.
	queries, gallery []int
}

// part lists the images of a part of the set and, for a test of queries and a
// gallery, which are those.
func (s *Session) part(split data.Split, part string) (index, query, gallery []int, err error) {
	switch part {
	case PartTrain:
		return split.Train, nil, nil, nil
	case PartValidation:
		return split.Validation, nil, nil, nil
	case PartTest:
		return split.Test, split.Query, split.Gallery, nil
	case PartQuery, PartGallery:
		if len(split.Query) == 0 {
			return nil, nil, nil, fmt.Errorf("%s has no queries and gallery of its own: give another part than %s", s.name, part)
		}
		if part == PartQuery {
			return split.Query, nil, nil, nil
		}
		return split.Gallery, nil, nil, nil
	case PartAll:
		all := make([]int, s.set.Len())
		for i := range all {
			all[i] = i
		}
		return all, nil, nil, nil
	}
	return nil, nil, nil, fmt.Errorf("there is no part %q: give one of %s, %s, %s, %s", part, PartTest, PartValidation, PartTrain, PartAll)
}

// embed returns the embeddings of images of the set.
func (s *Session) embed(ctx context.Context, net trainer.Encoder, index []int) ([]float32, error) {
	defer s.Progress.end()
	return trainer.Embed(ctx, net, s.set, index, func(done int) { s.Progress.part("embedding images", done, len(index)) })
}

// Evaluate computes the scores of r. A part of them that takes more than about most products
// of numbers is left out and named; 0: no limit.
func (s *Session) Evaluate(ctx context.Context, r eval.Retrieval, most float64) (eval.Evaluation, error) {
	defer s.Progress.end()
	return trainer.Await(ctx, func() (eval.Evaluation, error) {
		return r.Evaluate(eval.Effort{Most: most, Progress: s.Progress.part})
	})
}

// scorePart evaluates the embeddings of a part of the set; how says what of, but
// for the embeddings.
func (s *Session) scorePart(ctx context.Context, split data.Split, part string, emb []float32, dim int, how eval.Retrieval, most float64) (Scored, error) {
	index, query, gallery, err := s.part(split, part)
	if err != nil {
		return Scored{}, err
	}
	r := trainer.Retrieval(s.set, index, query, gallery, emb, dim)
	if how.Ranks != nil {
		r.Ranks = how.Ranks
	}
	r.Full, r.Resamples, r.Seed, r.ClassMeans, r.Distance = how.Full, how.Resamples, how.Seed, how.ClassMeans, how.Distance
	result := Scored{retrieval: r, set: s.set, queries: index, gallery: index}
	if len(query) > 0 {
		result.queries, result.gallery = query, gallery
	}
	result.Evaluation, err = s.Evaluate(ctx, r, most)
	return result, err
}

// after evaluates the network that a training came to, on the validation classes
// and on the test, whose embeddings it left.
func (s *Session) after(ctx context.Context, net trainer.Encoder, split data.Split, testEmb []float32) (validation, test Scored, err error) {
	how := eval.Retrieval{Full: true, Resamples: Resamples, Seed: EvaluationSeed}
	emb, err := s.embed(ctx, net, split.Validation)
	if err != nil {
		return validation, test, err
	}
	if validation, err = s.scorePart(ctx, split, PartValidation, emb, net.Dim(), how, brief); err != nil {
		return validation, test, fmt.Errorf("validation: %w", err)
	}
	if test, err = s.scorePart(ctx, split, PartTest, testEmb, net.Dim(), how, brief); err != nil {
		return validation, test, fmt.Errorf("test: %w", err)
	}
	return validation, test, nil
}

// TestScores scores embeddings (len(test) × dim, row-major) of the test images of c, in the
// order of the split.
func (s *Session) TestScores(ctx context.Context, c trainer.Config, emb []float32, dim int) (eval.Scores, error) {
	if err := s.load(c); err != nil {
		return eval.Scores{}, err
	}
	split, err := c.Parts(s.set)
	if err != nil {
		return eval.Scores{}, err
	}
	if len(emb) != len(split.Test)*dim {
		return eval.Scores{}, fmt.Errorf("%d numbers for %d test images and embeddings of %d", len(emb), len(split.Test), dim)
	}
	return trainer.Await(ctx, trainer.Retrieval(s.set, split.Test, split.Query, split.Gallery, emb, dim).Score)
}

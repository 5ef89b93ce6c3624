package main

import (
	"context"
	"fmt"

	"crossbatch/eval"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// How embeddings are evaluated, unless flags say otherwise.
const (
	resamples      = 1000 // of the bootstrap
	evaluationSeed = 1    // of the bootstrap and the clustering
	// Of each part of an evaluation, about the products that take a minute on two
	// cores, and the ones that are soon done after a training.
	patient = 2e12
	brief   = 5e10
)

// partAll is all of a set, whatever its split.
const partAll = "all"

// scored is a part of a set with its embeddings and what they scored.
type scored struct {
	eval.Evaluation
	retrieval eval.Retrieval
	set       *data.Set
	// The images of the queries and of what they are compared with.
	queries, gallery []int
}

// splitFor is the split of the set that a part is of. All of a set needs none, and
// may have too few classes for one: then it is empty.
func (s *session) splitFor(c trainer.Config, part string) (data.Split, error) {
	split, err := s.split(c)
	if err != nil && part == partAll {
		return data.Split{}, nil
	}
	return split, err
}

// part lists the images of a part of the set and, for a test of queries and a
// gallery, which are those.
func (s *session) part(split data.Split, part string) (index, query, gallery []int, err error) {
	switch part {
	case partTrain:
		return split.Train, nil, nil, nil
	case partValidation:
		return split.Validation, nil, nil, nil
	case partTest:
		return split.Test, split.Query, split.Gallery, nil
	case partQuery, partGallery:
		if len(split.Query) == 0 {
			return nil, nil, nil, fmt.Errorf("%s has no queries and gallery of its own: give another part than %s", s.name, part)
		}
		if part == partQuery {
			return split.Query, nil, nil, nil
		}
		return split.Gallery, nil, nil, nil
	case partAll:
		all := make([]int, s.set.Len())
		for i := range all {
			all[i] = i
		}
		return all, nil, nil, nil
	}
	return nil, nil, nil, fmt.Errorf("there is no part %q: give one of %s, %s, %s, %s", part, partTest, partValidation, partTrain, partAll)
}

// embed returns the embeddings of images of the set.
func (s *session) embed(ctx context.Context, net trainer.Encoder, index []int) ([]float32, error) {
	m := meter{console: s.console}
	defer m.end()
	return trainer.Embed(ctx, net, s.set, index, func(done int) { m.at("embedding images", done, len(index)) })
}

// evaluate evaluates what r retrieves, as far as effort goes.
func (c *console) evaluate(ctx context.Context, r eval.Retrieval, most float64) (eval.Evaluation, error) {
	m := meter{console: c}
	defer m.end()
	return await(ctx, func() (eval.Evaluation, error) { return r.Evaluate(eval.Effort{Most: most, Progress: m.at}) })
}

// scorePart evaluates the embeddings of a part of the set; how says what of, but
// for the embeddings.
func (s *session) scorePart(ctx context.Context, split data.Split, part string, emb []float32, dim int, how eval.Retrieval, most float64) (scored, error) {
	index, query, gallery, err := s.part(split, part)
	if err != nil {
		return scored{}, err
	}
	r := trainer.Retrieval(s.set, index, query, gallery, emb, dim)
	if how.Ranks != nil {
		r.Ranks = how.Ranks
	}
	r.Full, r.Resamples, r.Seed = how.Full, how.Resamples, how.Seed
	result := scored{retrieval: r, set: s.set, queries: index, gallery: index}
	if len(query) > 0 {
		result.queries, result.gallery = query, gallery
	}
	result.Evaluation, err = s.console.evaluate(ctx, r, most)
	return result, err
}

// after evaluates the network that a training came to, on the validation classes
// and on the test, whose embeddings it left.
func (s *session) after(ctx context.Context, net trainer.Encoder, split data.Split, testEmb []float32) (validation, test scored, err error) {
	how := eval.Retrieval{Full: true, Resamples: resamples, Seed: evaluationSeed}
	emb, err := s.embed(ctx, net, split.Validation)
	if err != nil {
		return validation, test, err
	}
	if validation, err = s.scorePart(ctx, split, partValidation, emb, net.Dim(), how, brief); err != nil {
		return validation, test, fmt.Errorf("validation: %w", err)
	}
	if test, err = s.scorePart(ctx, split, partTest, testEmb, net.Dim(), how, brief); err != nil {
		return validation, test, fmt.Errorf("test: %w", err)
	}
	return validation, test, nil
}

package run

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"crossbatch/backbone"
	"crossbatch/eval"
	"crossbatch/eval/fewshot"
	"crossbatch/eval/projection"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// Bounds of the baselines, so that they take little beside a training.
const (
	rawMost        = 1024  // numbers of an image; more are projected at random
	componentsFrom = 10000 // training images that principal components are found from
	baselineWork   = 2e11  // products of a retrieval; beyond, some queries stand for all
)

// baselines scores the test images by what needs no training: their pixels, the
// principal components of these, and the network as the training began. They
// depend on the data, the split and the seed alone.
func (s *Session) baselines(ctx context.Context, c trainer.Config, split data.Split) ([]record.Baseline, error) {
	s.log().Info("scoring what needs no training")
	raw, err := trainer.Await(ctx, func() ([]record.Baseline, error) { return s.rawBaselines(c, split) })
	if err != nil {
		return nil, err
	}
	net, err := s.network(c)
	if err != nil {
		return nil, err
	}
	emb, err := s.embed(ctx, net, split.Test)
	if err != nil {
		return nil, err
	}
	untrained := record.Baseline{Name: record.UntrainedNetwork, Dim: c.Network.Dim}
	if c.Network.Weights != "" {
		untrained.Name = record.StartingNetwork
	}
	_, err = trainer.Await(ctx, func() (struct{}, error) { return struct{}{}, s.scoreBaseline(&untrained, emb, split) })
	return append(raw, untrained), err
}

// rawBaselines are those of the pixels, or of the features.
func (s *Session) rawBaselines(c trainer.Config, split data.Split) ([]record.Baseline, error) {
	raw := record.Baseline{Name: record.RawPixels, Dim: s.set.Channels * s.set.Height * s.set.Width}
	if s.set.IsFeatures() {
		raw.Name = record.RawFeatures
	}
	var random *projection.Random
	if raw.Dim > rawMost {
		raw.Notes = append(raw.Notes, fmt.Sprintf("%d numbers an image, projected at random to %d", raw.Dim, rawMost))
		random = projection.NewRandom(raw.Dim, rawMost, c.Seed)
		raw.Dim = rawMost
	}
	test := s.rawRows(split.Test, random)
	if err := s.scoreBaseline(&raw, test, split); err != nil {
		return nil, err
	}
	some := sample(split.Train, componentsFrom, c.Seed)
	components := record.Baseline{Name: record.PrincipalComponents, Dim: min(c.Network.Dim, raw.Dim, len(some)), Notes: slices.Clone(raw.Notes)}
	if len(some) < len(split.Train) {
		components.Notes = append(components.Notes, fmt.Sprintf("found from %d of %d training images", len(some), len(split.Train)))
	}
	pca, err := projection.NewPCA(s.rawRows(some, random), raw.Dim, components.Dim, c.Seed)
	if err != nil {
		return nil, err
	}
	projected := pca.Project(test)
	eval.Normalize(projected, components.Dim)
	return []record.Baseline{raw, components}, s.scoreBaseline(&components, projected, split)
}

// rawRows are the images at index as rows of length 1, projected if so told.
func (s *Session) rawRows(index []int, random *projection.Random) []float32 {
	const chunk = 256
	size := s.set.Channels * s.set.Height * s.set.Width
	to := size
	if random != nil {
		to = rawMost
	}
	rows, images := make([]float32, len(index)*to), make([]float32, min(chunk, len(index))*size)
	for i := 0; i < len(index); i += chunk {
		part := index[i:min(i+chunk, len(index))]
		x := images[:len(part)*size]
		s.set.Batch(x, part)
		eval.Normalize(x, size)
		dst := rows[i*to : (i+len(part))*to]
		if random != nil {
			random.Project(dst, x)
		} else {
			copy(dst, x)
		}
	}
	return rows
}

// sample draws so many of index at most, and leaves them in order.
func sample(index []int, most int, seed uint64) []int {
	if len(index) <= most {
		return index
	}
	some := make([]int, most)
	for k, i := range rand.New(rand.NewPCG(seed, 0xba5e)).Perm(len(index))[:most] {
		some[k] = index[i]
	}
	slices.Sort(some)
	return some
}

// scoreBaseline scores the rows of the test images, and classifies them.
func (s *Session) scoreBaseline(b *record.Baseline, rows []float32, split data.Split) error {
	r := trainer.Retrieval(s.set, split.Test, split.Query, split.Gallery, rows, b.Dim)
	queries := len(r.QueryLabels)
	r.Seed = EvaluationSeed
	r.Sample = max(1, int(baselineWork/float64(b.Dim)/float64(len(split.Test))))
	if r.Sample < queries {
		b.Notes = append(b.Notes, fmt.Sprintf("%d of %d queries stand for all", r.Sample, queries))
	}
	var err error
	if b.Test, err = r.Score(); err != nil {
		return fmt.Errorf("%s: %w", b.Name, err)
	}
	b.Classifiers, err = classifiers(rows, b.Dim, labelsOf(s.set, split.Test))
	return err
}

// classifiers is what simple classifiers make of embeddings, nil where there are
// no two classes of two.
func classifiers(emb []float32, dim int, labels []int32) (*fewshot.Scores, error) {
	f, err := fewshot.Score(emb, dim, labels, EvaluationSeed)
	if errors.Is(err, eval.ErrNoPartner) {
		return nil, nil
	}
	return &f, err
}

// features scores the test images by what enters a trained network's head: where
// learning without labels is at home, that is what is kept of the network.
func (s *Session) features(ctx context.Context, net *backbone.Net, split data.Split) (*record.Baseline, error) {
	trunk := net.WithoutHead()
	emb, err := s.embed(ctx, trunk, split.Test)
	if err != nil {
		return nil, err
	}
	b := &record.Baseline{Name: "trained, without its head", Dim: trunk.Dim()}
	_, err = trainer.Await(ctx, func() (struct{}, error) { return struct{}{}, s.scoreBaseline(b, emb, split) })
	return b, err
}

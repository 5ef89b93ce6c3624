package main

import (
	"context"

	"crossbatch/backbone"
	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// withoutLabels are the defaults d, but of what s says to train without labels.
func (s *settings) withoutLabels(d trainer.Config) trainer.Config {
	d.Keys.Encoder = s.Keys.Encoder
	return d.WithoutLabels()
}

// features scores the test images by what enters a trained network's head: where
// learning without labels is at home, that is what is kept of the network.
func (s *session) features(ctx context.Context, net *backbone.Net, split data.Split) (*record.Baseline, error) {
	trunk := net.WithoutHead()
	emb, err := s.embed(ctx, trunk, split.Test)
	if err != nil {
		return nil, err
	}
	b := &record.Baseline{Name: "trained, without its head", Dim: trunk.Dim()}
	_, err = await(ctx, func() (struct{}, error) { return struct{}{}, s.scoreBaseline(b, emb, split) })
	return b, err
}

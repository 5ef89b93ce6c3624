package run

import (
	"bytes"
	"fmt"
	"os"

	"go.uber.org/zap"

	"crossbatch/backbone"
	"crossbatch/trainer"
)

// network makes the network for the set, with the weights that it starts from.
func (s *Session) network(c trainer.Config) (*backbone.Net, error) {
	if err := s.fits(c.Backbone); err != nil {
		return nil, err
	}
	net, err := s.untrained(c)
	if err != nil || c.Weights == "" {
		return net, err
	}
	raw, err := os.ReadFile(c.Weights)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	fresh, err := net.ReadPretrained(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", c.Weights, err)
	}
	s.log().Info("weights read", zap.String("file", c.Weights), zap.Strings("not_in_it", fresh))
	return net, nil
}

// untrained makes the network for the set as it is drawn.
func (s *Session) untrained(c trainer.Config) (*backbone.Net, error) {
	return backbone.New(backbone.Config{
		Kind: c.Backbone, Channels: s.set.Channels, Height: s.set.Height, Width: s.set.Width,
		Filters: c.Width, Dim: c.Dim, MaxPool: c.MaxPool, LayerNorm: c.LayerNorm, Freeze: c.Freeze, Dropout: c.Dropout, Seed: c.Seed,
		Head: c.Head, HeadWidth: c.HeadWidth, Chunk: c.Chunk,
	})
}

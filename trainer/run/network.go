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
	if err := s.fits(c.Network.Kind); err != nil {
		return nil, err
	}
	net, err := s.untrained(c)
	if err != nil || c.Network.Weights == "" {
		return net, err
	}
	raw, err := os.ReadFile(c.Network.Weights)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	read, err := net.ReadPretrained(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("weights %s: %w", c.Network.Weights, err)
	}
	s.log().Info("weights read", zap.String("file", c.Network.Weights), zap.Strings("not_in_it", read.Fresh),
		zap.String("without_prefix", read.Prefix), zap.Strings("passed_over", read.Passed))
	return net, nil
}

// untrained makes the network for the set as it is drawn.
func (s *Session) untrained(c trainer.Config) (*backbone.Net, error) {
	return backbone.New(networkOf(c, s.set.Channels, s.set.Height, s.set.Width))
}

// networkOf is the network of a configuration for images of a shape.
func networkOf(c trainer.Config, channels, height, width int) backbone.Config {
	n := c.Network
	return backbone.Config{
		Kind: n.Kind, Channels: channels, Height: height, Width: width,
		Filters: n.Width, Dim: n.Dim, Head: n.Head, HeadWidth: n.HeadWidth, TokenPool: n.TokenPool, MaxPool: n.MaxPool, LayerNorm: n.LayerNorm,
		Freeze: n.Freeze, Dropout: n.Dropout, Chunk: c.Batch.Chunk, Init: n.Init, Seed: c.Seed,
	}
}

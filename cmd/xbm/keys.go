package main

import (
	"crossbatch/trainer"
)

// withoutLabels are the defaults d, but of what s says to train without labels.
func (s *settings) withoutLabels(d trainer.Config) trainer.Config {
	d.Keys.Encoder = s.Keys.Encoder
	return d.WithoutLabels()
}

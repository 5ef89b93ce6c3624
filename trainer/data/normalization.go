package data

import "slices"

// Normalization is how a pixel v of each channel reaches the network: as (v/255 -
// mean) / deviation. They are nil for a set of features, which are taken as they are.
func (s *Set) Normalization() (mean, deviation []float32) {
	if s.IsFeatures() {
		return nil, nil
	}
	if s.Channels == len(photoMean) {
		return slices.Clone(photoMean[:]), slices.Clone(photoDeviation[:])
	}
	for range s.Channels {
		mean, deviation = append(mean, PixelMean), append(deviation, PixelDeviation)
	}
	return mean, deviation
}

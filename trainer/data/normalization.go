package data

import "slices"

// Normalization returns the mean and the standard deviation of each channel: a pixel v becomes
// (v/255 - mean) / deviation. Both are nil for a set of features, which are not normalised.
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

// Package bench measures how fast this machine does the heavy parts: the memory term of a
// training step, policies and cures of the memory, the step of a network, the search for
// nearest neighbours, matrix products. Measurements stand beside the peak, what the same
// cores reach in the innermost loop of a matrix product, measured in turns with it. Only
// products that the method cannot do without are counted, so that work that is saved
// shows as speed.
package bench

import (
	"slices"
	"time"

	"crossbatch/xbm/kernel"
)

// Measurement is what one piece of work takes.
type Measurement struct {
	Name          string  `json:"name"`
	Shape         string  `json:"shape"`
	MedianMS      float64 `json:"median_ms"`
	MinMS         float64 `json:"min_ms"`
	GFLOPS        float64 `json:"gflops"` // at the median
	PercentOfPeak float64 `json:"percent_of_peak"`
	ExtraBytes    uint64  `json:"extra_bytes"` // all that the first time allocated
	Times         int     `json:"times"`
	PeakGFLOPS    float64 `json:"peak_gflops"`
}

// measure calls once for about the given time, at least three times, and in turns
// with the peak. prepare, which may be nil, comes before each call, untimed.
func (b *Measurement) measure(flop float64, about time.Duration, prepare func(), once func() error) error {
	const turns = 10
	var took, peaks []float64
	for start, turn := time.Now(), 0; turn < 3 || time.Since(start) < about; turn++ {
		peaks = append(peaks, kernel.Peak(about/turns/20))
		for began, calls := time.Now(), 0; calls == 0 || time.Since(began) < about/turns; calls++ {
			if prepare != nil {
				prepare()
			}
			at := time.Now()
			if err := once(); err != nil {
				return err
			}
			took = append(took, time.Since(at).Seconds())
		}
	}
	slices.Sort(took)
	slices.Sort(peaks)
	median := took[len(took)/2]
	b.MedianMS, b.MinMS, b.Times = 1e3*median, 1e3*took[0], len(took)
	b.GFLOPS = flop / median / 1e9
	b.PeakGFLOPS = peaks[len(peaks)/2]
	b.PercentOfPeak = 100 * b.GFLOPS / b.PeakGFLOPS
	return nil
}

package report

import (
	"fmt"
	"math"
	"strconv"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// cost is what a memory costs, and gains over the same batch size without.
type cost struct {
	cell          *Cell
	gain          Difference // of recall@1
	seconds       float64    // of training, the mean of the runs
	extraSeconds  float64    // the mean over pairs of seeds
	memoryMiB     float64    // of the memory itself
	peakMiB       float64    // of the process; NaN: not known
	imagesASecond float64
}

// costs are those of every cell that has one without memory beside it.
func (c *Collection) costs() (all []cost) {
	axis := c.axis(memoryKey)
	if axis < 0 {
		return nil
	}
	for _, d := range c.differences(axis, scored()[0]) {
		if d.Base.rows() != 0 {
			return nil // nothing here is without memory
		}
		k := cost{cell: d.Cell, gain: d, memoryMiB: float64(memoryBytes(d.Cell)) / (1 << 20)}
		k.seconds = mean(d.Cell, seconds)
		k.extraSeconds, _ = overSplits(paired(d.Cell, d.Base, seconds))
		k.imagesASecond = mean(d.Cell, func(o *record.Outcome) float64 { return o.ImagesPerSecond })
		k.peakMiB = mean(d.Cell, peak)
		all = append(all, k)
	}
	return all
}

func mean(cell *Cell, of func(*record.Outcome) float64) float64 {
	m, _ := eval.Interval(cell.measure(of))
	return m
}

func seconds(o *record.Outcome) float64 { return o.Seconds }

// peak is the process' peak memory in MiB.
func peak(o *record.Outcome) float64 {
	if o.PeakMemory == 0 {
		return math.NaN()
	}
	return float64(o.PeakMemory) / (1 << 20)
}

// memoryBytes is what the memory takes: dim numbers of four bytes a row, or two,
// and its label, sample and birth (package xbm).
func memoryBytes(cell *Cell) int {
	dim, err := strconv.Atoi(cell.config("dim"))
	if err != nil {
		return 0
	}
	size := 4
	if cell.config("half-memory") == "true" {
		size = 2
	}
	return cell.rows() * (size*dim + 24)
}

// aPoint is a cost for each point of recall gained; there is none where nothing
// is gained for sure.
func (k cost) aPoint(cost float64, format string) string {
	if !(k.gain.Mean > 0) || !k.gain.Beyond() && !math.IsNaN(k.gain.Half) {
		return "–"
	}
	return fmt.Sprintf(format, cost/k.gain.Mean)
}

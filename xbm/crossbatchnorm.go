package xbm

import (
	"fmt"
	"math"

	"crossbatch/xbm/spec"
)

// CrossBatchNorm cures a memory of drift: before each loss its rows are scaled and
// shifted, dimension by dimension, so that their mean and standard deviation are
// those of the current embeddings, and brought to unit length again.
//
//	Thalaiyasingam Ajanthan, Matt Ma, Anton van den Hengel, Stephen Gould.
//	Adaptive Cross Batch Normalization for Metric Learning.
//	2023. https://arxiv.org/abs/2303.17127
//
// The zero value takes the moments of the current batch (XBN). As a batch holds few
// classes, these are noisy; with a Measurement above 0 they are estimated over the
// batches by a Kalman filter for each moment of each dimension (adaptive XBN):
// with p the variance of the estimate x and z the moment of the batch, p⁻ = p +
// Process, K = p⁻/(p⁻ + Measurement), x ← x + K(z - x), p ← (1 - K)p⁻. Only the
// ratio of the two matters; K tends to a constant, and the estimate to an
// exponential moving average.
//
// Corrections add up, step by step, as in a memory that is rewritten each time, so
// that drift which scales and shifts dimensions is undone whenever it happened
// since a row was stored. Yet the rows are not rewritten: the memory holds them
// before all corrections so far, which are one scale and one shift a dimension, and
// a loss applies those to each tile that it reads. Unlike in a memory that is
// rewritten, rows are brought to unit length only where they are read.
type CrossBatchNorm struct {
	Process     float64 // variance of the change of a moment in a step, 0 or more
	Measurement float64 // variance of a batch's moment about the true one; 0: trust it
}

// String is the cure as [ParseCure] reads it.
func (c CrossBatchNorm) String() string {
	if c.Measurement == 0 {
		return cureXBN
	}
	return spec.Text(cureAXBN, spec.Texts(c.fields())...)
}

func (c *CrossBatchNorm) fields() []spec.Field {
	return []spec.Field{{Key: "process", At: &c.Process, Range: spec.AtLeast(0)}, {Key: "measurement", At: &c.Measurement, Range: spec.AtLeast(0)}}
}

func (c CrossBatchNorm) validate() error {
	if err := spec.Check("cure", cureAXBN, c.fields()); err != nil {
		return err
	}
	if c.Process == 0 && c.Measurement > 0 {
		return fmt.Errorf("cure %q: process is 0, so that the estimate would stand still: give a value above 0", cureAXBN)
	}
	return nil
}

// norm carries out a CrossBatchNorm in a memory.
type norm struct {
	config    CrossBatchNorm
	sums      moments  // of the memory's rows, as they are held
	batch     moments  // of the batch
	mean, dev []kalman // estimates, by dimension

	scale, shift []float32 // of a held row to what it stands for
	held         []float32 // a row on its way to the memory
}

// kalman is an estimate and its variance, which is infinite before the first
// measurement.
type kalman struct{ x, p float64 }

func (k *kalman) update(z, process, measurement float64) {
	if measurement == 0 || math.IsInf(k.p, 1) {
		k.x, k.p = z, measurement
		return
	}
	before := k.p + process
	gain := before / (before + measurement)
	k.x += gain * (z - k.x)
	k.p = (1 - gain) * before
}

func newNorm(c CrossBatchNorm, dim int) *norm {
	n := &norm{
		config: c, sums: newMoments(dim), batch: newMoments(dim),
		mean: make([]kalman, dim), dev: make([]kalman, dim),
		scale: make([]float32, dim), shift: make([]float32, dim), held: make([]float32, dim),
	}
	n.reset()
	return n
}

func (n *norm) reset() {
	n.sums.reset()
	for k := range n.scale {
		n.mean[k], n.dev[k] = kalman{0, math.Inf(1)}, kalman{0, math.Inf(1)}
		n.scale[k], n.shift[k] = 1, 0
	}
}

// leastDeviation is the standard deviation under which a dimension is constant:
// its scale stays as it is.
const leastDeviation = 1e-6

// match takes the moments of current rows and has the memory's match the estimate.
func (n *norm) match(rows []float32) {
	n.batch.reset()
	n.batch.add(rows)
	for k := range n.scale {
		mean, dev := n.batch.of(k)
		n.mean[k].update(mean, n.config.Process, n.config.Measurement)
		n.dev[k].update(dev, n.config.Process, n.config.Measurement)
		if n.sums.count == 0 {
			continue
		}
		heldMean, heldDev := n.sums.of(k)
		if heldDev > leastDeviation && n.dev[k].x > leastDeviation {
			n.scale[k] = float32(n.dev[k].x / heldDev)
		}
		n.shift[k] = float32(n.mean[k].x - float64(n.scale[k])*heldMean)
	}
}

// toHeld is what a current row is to be held as: what the corrections so far make
// it of.
func (n *norm) toHeld(row []float32) []float32 {
	for k, x := range row {
		n.held[k] = float32((float64(x) - float64(n.shift[k])) / float64(n.scale[k]))
	}
	return n.held
}

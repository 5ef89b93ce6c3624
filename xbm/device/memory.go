package device

import (
	"crossbatch/xbm/internal/cuda"
	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/pair"
)

// Memory takes losses against a memory, of whose rows it keeps a copy on the device. It
// implements xbm.Device: give one to each xbm.CrossBatch.
//
// The device goes over the columns once, or twice with a miner: similarities, the sums
// over an anchor's negatives, their weights and the columns by weight, tile by tile. The
// anchors' positives, which are few, stay with the processor. The same input gives the
// same bytes.
//
// A gradient differs from the processor's by rounding: with fp32 by no more than 1e-4 of
// its largest number; with tf32 similarities are off by 2^-10 at most, with bf16 by 2^-7,
// which a loss that takes e^(s·x) of a similarity x multiplies by s. Miners choose by
// float32, with bf16 by what is left of the rows.
type Memory struct {
	engine engine.Engine
	rows   *cuda.Memory
}

// NewMemory returns the device's side of a memory. d must not be nil.
func (d *Device) NewMemory() *Memory { return &Memory{rows: d.context.NewMemory(d.precision)} }

// Takes reports whether the device takes a loss, mined or not. Others are the
// processor's.
func Takes(l pair.Loss) bool { return engine.Sweeps(l) }

// Run implements xbm.Device.
func (m *Memory) Run(dst []float32, p *pair.Problem, l pair.Loss) (s pair.Summary, taken bool, err error) {
	return m.engine.RunOn(m.rows, dst, p, l)
}

// Close gives the memory's room on the device back. Run takes it again.
func (m *Memory) Close() error {
	if m == nil {
		return nil
	}
	return m.rows.Close()
}

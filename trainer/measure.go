package trainer

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"crossbatch/xbm"
)

// Cost is the measured time of the parts of a training on this machine.
type Cost struct {
	Step       time.Duration // mean of a training step with a full memory
	Validation time.Duration // one scoring of the validation classes
}

// Measure takes some steps with a full memory, scores the validation classes once, and returns
// the times. All ranks of a Comm call it. It calls neither Metric nor Progress nor Log. The training is then used up, also
// after an error.
func (t *Training) Measure(steps int) (Cost, error) {
	defer t.loader.Close()
	defer t.team.end()
	if err := t.team.begin(t); err != nil {
		return Cost{}, err
	}
	t.Metric, t.Progress, t.Log = nil, nil, nil
	if m := t.terms.memory; m != nil {
		t.starter, m.Start = nil, 0
		if err := t.fill(m); err != nil {
			return Cost{}, fmt.Errorf("trainer: measure: %w", err)
		}
	}
	var cost Cost
	began := time.Now()
	for step := range int64(steps) + 1 {
		if step == 1 { // the one before allocates
			began = time.Now()
		}
		if _, err := t.step(context.Background(), step); err != nil {
			return Cost{}, fmt.Errorf("trainer: measure: step %d: %w", step, err)
		}
	}
	cost.Step = time.Since(began) / time.Duration(max(steps, 1))
	began = time.Now()
	if _, err := t.validate(context.Background(), int64(steps)); err != nil {
		return Cost{}, err
	}
	cost.Validation = time.Since(began)
	return cost, nil
}

// fill fills a memory with random rows of the training images, round and round,
// which take as long as any.
func (t *Training) fill(m *xbm.CrossBatch) error {
	random := rand.New(rand.NewPCG(t.Config.Seed, measureStream))
	for left := m.Memory.Cap(); left > 0; {
		n := min(left, t.Config.Batch.Size)
		b := xbm.Batch{Embeddings: make([]float32, n*t.Config.Network.Dim), Labels: make([]int32, n), IDs: make([]int64, n)}
		for i := range b.Embeddings {
			b.Embeddings[i] = float32(random.NormFloat64())
		}
		for k := range n {
			i := t.Split.Train[(left+k)%len(t.Split.Train)]
			b.Labels[k], b.IDs[k] = t.trained.Labels[i], int64(i)
		}
		if err := m.Fill(b); err != nil {
			return err
		}
		left -= n
	}
	return nil
}

// measureStream is a random stream that is not another's.
const measureStream = 0x3ea5

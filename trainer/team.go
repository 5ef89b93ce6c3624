package trainer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"crossbatch/trainer/checkpoint"
	"crossbatch/trainer/ranks"
)

// team is the ranks of a training as one of them sees them. nil is one process alone,
// for which every method does what there is to do without others: nothing.
type team struct {
	comm       Comm
	rank, size int
	rows, all  []float32 // of the rank, with a flag; of all ranks
	emb, dEmb  []float32 // of the whole batch
	stopping   bool      // a rank is told to stop
	encoders   []Splitter
	summing    *summing
	buffers    []float64 // of the network
	averaged   bool      // are they to be
	adder      ranks.Adder[float64]
}

// newTeam returns the team of r, or an error where its ranks can't share out the work.
func newTeam(r Run) (*team, error) {
	c, size := r.Config, r.ranks()
	if size == 1 {
		return nil, nil
	}
	if c.Batch.Size%size != 0 {
		return nil, fmt.Errorf("trainer: batch is %d, to be shared out to %d ranks: give a batch that is a multiple of that", c.Batch.Size, size)
	}
	t := &team{comm: r.Comm, rank: r.rank(), size: size, averaged: !c.Batch.SyncBN}
	t.adder.Comm = r.Comm
	t.summing = newSumming(r.Comm, r.Encoder)
	var sum func([]float64) error
	if c.Batch.SyncBN {
		sum = t.summing.now
	}
	for _, e := range []Encoder{r.Encoder, r.MomentumEncoder} {
		s, ok := e.(Splitter)
		if e == nil || !ok {
			if e != nil && c.Batch.SyncBN {
				return nil, errors.New("trainer: sync-bn is set, and the encoder has no Split: leave sync-bn out")
			}
			continue
		}
		ready := t.summing.ready
		if len(t.encoders) > 0 { // no gradient reaches the momentum encoder
			ready = nil
		}
		s.Split(t.rank, size, sum, ready)
		t.encoders = append(t.encoders, s)
	}
	return t, nil
}

// begin gives all ranks the state of rank 0.
func (t *team) begin(of *Training) error {
	if t == nil {
		return nil
	}
	t.summing.start()
	var state bytes.Buffer
	var err error
	sections := slices.DeleteFunc(of.Sections(), func(s checkpoint.Section) bool { return of.shares() != nil && s.Name == memorySection })
	if t.rank == 0 {
		err = checkpoint.Write(&state, sections)
	}
	text, err := ranks.Tell(t.comm, state.Bytes(), err)
	if err != nil {
		return err
	}
	if t.rank > 0 {
		var c *checkpoint.Content
		if c, err = checkpoint.Parse(text); err == nil {
			err = c.Restore(sections)
		}
		if err != nil {
			err = fmt.Errorf("the state of rank 0 is not for rank %d: %w", t.rank, err)
		}
	}
	if err := ranks.Agree(t.comm, err); err != nil || of.shares() == nil {
		return err
	}
	return of.shares().tell(of.terms.memory.Memory)
}

// end lets go of the encoders.
func (t *team) end() {
	if t == nil {
		return
	}
	t.summing.stop()
	for _, e := range t.encoders {
		e.Split(0, 1, nil, nil)
	}
}

// whole gathers the rank's embeddings, and returns those of the whole batch, with zeros
// for its gradient, in their place. Whether a rank is told to stop goes with them.
func (t *team) whole(ctx context.Context, dEmb, emb []float32, dim int) (allGradient, all []float32, err error) {
	if t == nil {
		return dEmb, emb, nil
	}
	t.summing.begin()
	flag := float32(0)
	if ctx.Err() != nil {
		flag = 1
	}
	if t.emb, t.stopping, err = t.gather(t.emb, emb, dim, flag); err != nil {
		return nil, nil, err
	}
	t.dEmb = resized(t.dEmb, len(t.emb))
	clear(t.dEmb)
	return t.dEmb, t.emb, nil
}

// keys are those of the whole batch.
func (t *team) keys(rows []float32, dim int) ([]float32, error) {
	if t == nil || rows == nil {
		return rows, nil
	}
	all, _, err := t.gather(nil, rows, dim, 0)
	return all, err
}

// gather stores the rows of all ranks in dst in the order of the batch, and tells whether
// one has a flag.
func (t *team) gather(dst, rows []float32, dim int, flag float32) (all []float32, flagged bool, err error) {
	t.rows = append(append(t.rows[:0], rows...), flag)
	t.all = resized(t.all, t.size*len(t.rows))
	if err := ranks.AllGather(t.comm, t.all, t.rows); err != nil {
		return nil, false, err
	}
	dst = resized(dst, t.size*len(rows))
	for rank := range t.size {
		part := t.all[rank*len(t.rows):][:len(t.rows)]
		flagged = flagged || part[len(rows)] != 0
		for i := 0; i < len(rows)/dim; i++ {
			copy(dst[(i*t.size+rank)*dim:][:dim], part[i*dim:])
		}
	}
	return dst, flagged, nil
}

// take stores the rank's rows of the gradient of the whole batch.
func (t *team) take(dst, all []float32, dim int) {
	if t == nil {
		return
	}
	for i := range len(dst) / dim {
		copy(dst[i*dim:][:dim], all[(i*t.size+t.rank)*dim:])
	}
}

// addUp adds up the gradients of the weights, and averages the buffers, after a backward
// pass that has not failed.
func (t *team) addUp(e Encoder) error {
	if t == nil {
		return nil
	}
	if err := t.summing.finish(); err != nil || !t.averaged {
		return err
	}
	t.buffers = t.buffers[:0]
	e.State(func(_ string, _ []int, value, grad []float32) {
		if grad == nil {
			for _, v := range value {
				t.buffers = append(t.buffers, float64(v))
			}
		}
	})
	if err := t.adder.Add(t.buffers); err != nil {
		return err
	}
	rest := t.buffers
	e.State(func(_ string, _ []int, value, grad []float32) {
		if grad == nil {
			for i := range value {
				value[i] = float32(rest[i] / float64(t.size))
			}
			rest = rest[len(value):]
		}
	})
	return nil
}

// resized is x with n numbers of any value.
func resized(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}

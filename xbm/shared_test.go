package xbm

import (
	"bytes"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// sharedTerm is a term against a memory of a kind, of this rank.
func sharedTerm(t *testing.T, c MemoryConfig, r pair.Ranks) *CrossBatch {
	t.Helper()
	c.Ranks = r
	m, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return &CrossBatch{Memory: m, Loss: loss.NewContrastive(true), EnqueueLast: c.MaxAge > 0, AgeTau: 9}
}

// onRanks calls work for each rank, and returns when all have returned.
func onRanks(size int, work func(rank int, r pair.Ranks)) {
	var all sync.WaitGroup
	for rank, r := range twin.NewRanks(size) {
		all.Go(func() { work(rank, r) })
	}
	all.Wait()
}

// sharedKinds are memories that can be shared out.
func sharedKinds() map[string]MemoryConfig {
	return map[string]MemoryConfig{
		"ring":           {Capacity: 53, Dim: 6},
		"half":           {Capacity: 53, Dim: 6, Half: true},
		"age":            {Capacity: 53, Dim: 6, MaxAge: 3},
		"keyed":          {Capacity: 31, Dim: 6, Policy: Keyed{}, MaxAge: 5},
		"class-balanced": {Capacity: 40, Dim: 6, Policy: ClassBalanced{PerClass: 3}, Half: true, MaxAge: 4},
		"reservoir":      {Capacity: 40, Dim: 6, Policy: Reservoir{Seed: 5}},
	}
}

// sharedBatch is the batch of a step.
func sharedBatch(step int64) Batch {
	rng := rand.New(rand.NewPCG(uint64(step), 9))
	n := 5 + rng.IntN(6)
	b := Batch{Embeddings: twin.Gauss(rng, n*6), Labels: make([]int32, n), IDs: make([]int64, n), Step: step}
	for i := range n {
		b.IDs[i] = int64(rng.IntN(60))
		b.Labels[i] = int32(b.IDs[i] % 7)
	}
	return b
}

// step takes a step of a term, and tells its loss and gradient.
func (t *CrossBatch) stepOf(step int64) (float64, []float32, error) {
	b := sharedBatch(step)
	dEmb := make([]float32, len(b.Embeddings))
	if step%10 == 9 { // drift is cured by probes
		probes := twin.Gauss(rand.New(rand.NewPCG(3, uint64(step))), 8*6)
		if err := (DriftCompensation{Probes: 4, Every: 1, Sigma: 1}).Apply(t.Memory, probes[:24], probes[24:], step-2, step); err != nil {
			return 0, nil, err
		}
	}
	s, err := t.Add(dEmb, b)
	return s.Value, dEmb, err
}

// A memory that is shared out holds what one process's holds, each rank its share, and
// comes to the same losses and gradients, for every policy; and a state of it goes on with
// any number of ranks, to the same bytes with as many.
func TestASharedMemoryIsOneMemory(t *testing.T) {
	const steps, half = 40, 23
	for name, c := range sharedKinds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := sharedTerm(t, c, nil)
			var losses []float64
			var gradients [][]float32
			var middle []byte
			for step := range int64(steps) {
				if step == half {
					middle, _ = whole.Memory.MarshalBinary()
				}
				value, gradient, err := whole.stepOf(step)
				if err != nil {
					t.Fatal(err)
				}
				losses, gradients = append(losses, value), append(gradients, gradient)
			}
			end := whole.Memory.AppendRows(nil)
			for _, size := range []int{2, 3} {
				var states [2][]byte // at half the steps, and at the end
				onRanks(size, func(rank int, r pair.Ranks) {
					term := sharedTerm(t, c, r)
					for step := range int64(steps) {
						if step == half {
							write(t, term.Memory, rank, &states[0])
						}
						sameStep(t, term, step, losses[step], gradients[step])
					}
					write(t, term.Memory, rank, &states[1])
					sameShare(t, term.Memory, whole.Memory, end, rank, size)
				})
				if len(states[0]) != len(middle) {
					t.Errorf("a state of %d bytes, of one process %d", len(states[0]), len(middle))
				}
				for _, other := range []int{1, 2, 3} {
					goesOn(t, c, states, other, other == size, half, losses, gradients)
				}
			}
		})
	}
}

func write(t *testing.T, m *Memory, rank int, to *[]byte) {
	var b bytes.Buffer
	w := io.Writer(&b)
	if rank > 0 {
		w = io.Discard
	}
	if err := m.WriteState(w); err != nil {
		t.Error(err)
	}
	if size, err := m.StateSize(); err != nil || rank == 0 && size != int64(b.Len()) {
		t.Errorf("a state of %d bytes has %d: %v", b.Len(), size, err)
	}
	if rank == 0 {
		*to = b.Bytes()
	}
}

func sameStep(t *testing.T, term *CrossBatch, step int64, value float64, gradient []float32) {
	got, d, err := term.stepOf(step)
	if err != nil {
		t.Error(err)
	}
	if math.Abs(got-value) > 1e-6*math.Max(value, 1e-2) {
		t.Errorf("step %d: loss %.9g, of one process %.9g", step, got, value)
	}
	for i, x := range gradient {
		if math.Abs(float64(d[i]-x)) > 1e-5 {
			t.Errorf("step %d: gradient %g at %d, of one process %g", step, d[i], i, x)
			break
		}
	}
}

// sameShare compares what a rank holds: its part of the rows, and all of what is known of them.
func sameShare(t *testing.T, m, whole *Memory, rows []float32, rank, size int) {
	var want []float32
	for slot := rank; slot < whole.Len(); slot += size {
		want = append(want, rows[slot*6:(slot+1)*6]...)
	}
	got := m.AppendRows(nil)
	if len(got) != len(want) || !slices.Equal(m.Labels(), whole.Labels()) || !slices.Equal(m.IDs(), whole.IDs()) || !slices.Equal(m.Births(), whole.Births()) {
		t.Errorf("rank %d of %d: %d numbers, want %d, or other labels, ids, births", rank, size, len(got), len(want))
		return
	}
	for i := range got {
		if math.Abs(float64(got[i]-want[i])) > 1e-6 {
			t.Errorf("rank %d of %d: number %d is %g, of one process %g", rank, size, i, got[i], want[i])
			return
		}
	}
	if most := (whole.Cap() + size - 1) / size * 6; cap(m.rows)+cap(m.halves) > most {
		t.Errorf("rank %d of %d has room for %d numbers, its share is %d", rank, size, cap(m.rows)+cap(m.halves), most)
	}
}

// goesOn restores the first state on so many ranks, from a stream or from bytes, and takes
// the steps that are left.
func goesOn(t *testing.T, c MemoryConfig, states [2][]byte, size int, exactly bool, from int64, losses []float64, gradients [][]float32) {
	onRanks(size, func(rank int, r pair.Ranks) {
		if size == 1 {
			r = nil
		}
		term := sharedTerm(t, c, r)
		err := term.Memory.ReadState(bytes.NewReader(states[0]))
		if rank == 0 {
			err = term.Memory.UnmarshalBinary(states[0])
		}
		if err != nil {
			t.Error(err)
			return
		}
		for step := from; step < int64(len(losses)); step++ {
			if step == from+3 { // and by the state of a rank
				own, err := term.Memory.MarshalBinary()
				if err == nil {
					_, _, err = term.stepOf(step)
				}
				if err == nil {
					err = term.Memory.UnmarshalBinary(own)
				}
				if err != nil {
					t.Error(err)
				}
			}
			sameStep(t, term, step, losses[step], gradients[step])
		}
		var end []byte
		write(t, term.Memory, rank, &end)
		if rank == 0 && exactly && !bytes.Equal(end, states[1]) {
			t.Error("as many ranks end with another memory")
		}
	})
}

// What can't be shared out is refused, and a damaged state too.
func TestSharedMemoryRefuses(t *testing.T) {
	onRanks(2, func(_ int, r pair.Ranks) {
		if _, err := (MemoryConfig{Capacity: 9, Dim: 6, Ranks: r, Norm: &CrossBatchNorm{}}).New(); err == nil {
			t.Error("a memory with a norm is shared out")
		}
		c := MemoryConfig{Capacity: 9, Dim: 6, Policy: Keyed{}}
		for _, text := range []string{"lifted", "angular", "snr-contrastive", "triplet:smooth=true", "fast-ap"} {
			term := sharedTerm(t, c, r)
			var err error
			if term.Loss, err = loss.Parse(text); err != nil {
				t.Fatal(err)
			}
			if err := term.Check(); err == nil {
				t.Errorf("%s is shared out", text)
			}
		}
		m := sharedTerm(t, c, r).Memory
		if err := m.Enqueue(nil, make([]float32, 24), make([]int32, 4), []int64{1, 2, 3, 4}, 0); err != nil {
			t.Fatal(err)
		}
		own, _ := m.MarshalBinary()
		var whole bytes.Buffer
		if err := m.WriteState(&whole); err != nil {
			t.Fatal(err)
		}
		one := sharedTerm(t, c, nil).Memory
		if one.UnmarshalBinary(own) == nil {
			t.Error("the state of a rank restores a whole memory")
		}
		for n := range own {
			if m.UnmarshalBinary(own[:n]) == nil {
				t.Errorf("%d bytes of %d are a state", n, len(own))
			}
		}
		for n := range whole.Len() {
			if one.ReadState(bytes.NewReader(whole.Bytes()[:n])) == nil {
				t.Errorf("%d bytes of %d are the state of a whole memory", n, whole.Len())
			}
		}
	})
}

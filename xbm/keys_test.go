package xbm

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/pair"
)

// unlabelled is a batch whose labels are its samples, with keys of another view.
func unlabelled(rng *rand.Rand, dim int, step int64, samples ...int64) Batch {
	b := randomBatch(rng, len(samples), dim, step)
	b.Keys, _, _ = randomRows(rng, len(samples), dim)
	b.IDs = samples
	for i, id := range samples {
		b.Labels[i] = int32(id)
	}
	return b
}

// newMoCo is the term of a momentum encoder without labels.
func newMoCo(t testing.TB, capacity, dim int, temperature float64) *CrossBatch {
	c := newCrossBatch(t, capacity, dim)
	c.Loss, c.Views = &loss.NTXent{Temperature: temperature}, true
	return c
}

func unitRows(rows []float32, dim int) []float64 {
	out := make([]float64, len(rows))
	for i := 0; i < len(rows); i += dim {
		var square float64
		for _, x := range rows[i : i+dim] {
			square += float64(x) * float64(x)
		}
		for k, x := range rows[i : i+dim] {
			out[i+k] = float64(x) / math.Sqrt(square)
		}
	}
	return out
}

// infoNCE is the loss of MoCo as a plain loop in float64,
//
//	Kaiming He, Haoqi Fan, Yuxin Wu, Saining Xie, Ross Girshick. Momentum Contrast
//	for Unsupervised Visual Representation Learning. CVPR 2020.
//	https://arxiv.org/abs/1911.05722 (equation 1),
//
// the mean over queries q of -log(e^(q·k₊/T) / (e^(q·k₊/T) + Σ e^(q·k/T))), and its
// gradient with respect to the queries before they were brought to unit length.
func infoNCE(queries, positives, queue []float32, ids, queueIDs []int64, dim int, temperature float64) (value float64, grad []float64) {
	q, k, negatives := unitRows(queries, dim), unitRows(positives, dim), unitRows(queue, dim)
	n := len(ids)
	grad = make([]float64, len(q))
	dot := func(a, b []float64) (sum float64) {
		for i, x := range a {
			sum += x * b[i]
		}
		return sum
	}
	for i := range n {
		anchor, key := q[i*dim:(i+1)*dim], k[i*dim:(i+1)*dim]
		columns, logits := [][]float64{key}, []float64{dot(anchor, key) / temperature}
		for j, id := range queueIDs {
			if id != ids[i] {
				row := negatives[j*dim : (j+1)*dim]
				columns, logits = append(columns, row), append(logits, dot(anchor, row)/temperature)
			}
		}
		var sum, square float64
		for _, x := range logits {
			sum += math.Exp(x)
		}
		value += (math.Log(sum) - logits[0]) / float64(n)
		g := make([]float64, dim)
		for c, row := range columns {
			w := math.Exp(logits[c]) / sum
			if c == 0 {
				w--
			}
			for d, x := range row {
				g[d] += w / temperature / float64(n) * x
			}
		}
		for _, x := range queries[i*dim : (i+1)*dim] {
			square += float64(x) * float64(x)
		}
		for d := range g {
			grad[i*dim+d] = (g[d] - dot(g, anchor)*anchor[d]) / math.Sqrt(square)
		}
	}
	return value, grad
}

// The term is MoCo's loss against the queue, to which the keys of the batch's other
// samples belong, too. Older keys of an anchor's sample are left out and counted.
func TestKeysWithoutLabelsAreMoCo(t *testing.T) {
	const dim, n, capacity = 6, 5, 64
	for _, temperature := range []float64{0.07, 0.2} {
		rng := rand.New(rand.NewPCG(8, 8))
		moco := newMoCo(t, capacity, dim, temperature)
		var queue []float32
		var queueIDs []int64
		for step := range int64(9) {
			samples := make([]int64, n)
			for i := range samples {
				samples[i] = (step*3 + int64(i)) % 17 // some are still in the queue
			}
			b := unlabelled(rng, dim, step, samples...)
			copies := 0
			for _, id := range queueIDs {
				if slices.Contains(samples, id) {
					copies++
				}
			}
			queue, queueIDs = append(queue, b.Keys...), append(queueIDs, samples...)
			s, d := add(t, moco, b)
			want, dWant := infoNCE(b.Embeddings, b.Keys, queue, b.IDs, queueIDs, dim, temperature)
			if !near(s.Value, want) {
				t.Errorf("T %g, step %d: value %g, MoCo's is %g", temperature, step, s.Value, want)
			}
			if s.Copies != copies || s.Positives != n {
				t.Errorf("T %g, step %d: %+v: want %d positives and %d copies", temperature, step, s, n, copies)
			}
			var norm float64
			for _, w := range dWant {
				norm = max(norm, math.Abs(w))
			}
			for i, w := range dWant {
				if math.Abs(float64(d[i])-w) > 1e-5*norm {
					t.Fatalf("T %g, step %d: gradient %d is %g, MoCo's is %g", temperature, step, i, d[i], w)
				}
			}
		}
	}
}

// The memory holds the keys in the order that they came in, as a queue; the
// embeddings are in none of it.
func TestTheQueueHoldsKeysInOrder(t *testing.T) {
	const dim, n, capacity = 3, 4, 10
	rng := rand.New(rand.NewPCG(6, 6))
	for _, last := range []bool{false, true} {
		moco := newMoCo(t, capacity, dim, 0.1)
		moco.EnqueueLast = last
		var queue []float32
		for step := range int64(7) {
			b := unlabelled(rng, dim, step, step, step+10, step+20, step+30)
			add(t, moco, b)
			queue = append(queue, b.Keys...)
			m := moco.Memory
			want := unitRows(queue[max(0, len(queue)-capacity*dim):], dim)
			for k := range m.Len() {
				slot := (m.oldest() + k) % m.Cap()
				for d := range dim {
					if got := float64(m.Rows()[slot*dim+d]); math.Abs(got-want[k*dim+d]) > 1e-6 {
						t.Fatalf("step %d: row %d by age has %g at %d, want %g", step, k, got, d, want[k*dim+d])
					}
				}
			}
		}
	}
}

// With labels and one view, keys that are the embeddings make no difference: an
// anchor's own key is left out as its own row is.
func TestKeysLikeTheEmbeddingsAreNoKeys(t *testing.T) {
	const n, dim, capacity = 6, 5, 20
	everyLoss(t, func(name string, fresh func() pair.Loss) {
		for _, last := range []bool{false, true} {
			rng := rand.New(rand.NewPCG(7, 3))
			plain, keyed := newCrossBatch(t, capacity, dim), newCrossBatch(t, capacity, dim)
			plain.Loss, keyed.Loss = fresh(), fresh()
			plain.EnqueueLast, keyed.EnqueueLast = last, last
			for step := range int64(4) {
				b := randomBatch(rng, n, dim, step)
				want, dWant := add(t, plain, b)
				b.Keys = b.Embeddings
				got, dGot := add(t, keyed, b)
				if !near(got.Value, want.Value) || !nearAll(dGot, dWant, 1) || got.Positives != want.Positives {
					t.Errorf("%s, step %d: %+v with keys, %+v without, or another gradient", name, step, got, want)
				}
			}
		}
	})
}

// Without labels and without keys, the other view in the batch is a positive, and
// so it is within the batch alone.
func TestViewsArePositives(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 9))
	moco := newMoCo(t, 32, 4, 0.1)
	inBatch := &InBatch{Loss: &loss.NTXent{Temperature: 0.1}, Views: true}
	for step := range int64(3) {
		b := unlabelled(rng, 4, step, 1, 2, 3, 1, 2, 3)
		b.Keys = nil
		s, _ := add(t, moco, b)
		if s.Positives != 6 || s.Copies != 12*int(step) || s.Negatives != 24*int(step+1) {
			t.Errorf("step %d: %+v", step, s)
		}
		if s, _ := add(t, inBatch, b); s.Positives != 6 || s.Copies != 0 || s.Negatives != 24 {
			t.Errorf("step %d within the batch: %+v", step, s)
		}
	}
}

func TestBadKeysChangeNothing(t *testing.T) {
	b := Batch{Embeddings: []float32{1, 2, 3, 4}, Labels: []int32{0, 1}, IDs: []int64{0, 1}}
	for want, keys := range map[string][]float32{
		"2 numbers in the keys of 4":            {1, 2},
		"key 1 of the batch has NaN at place 0": {1, 2, float32(math.NaN()), 4},
	} {
		moco := newMoCo(t, 4, 2, 0.1)
		b.Keys = keys
		d := make([]float32, 4)
		if _, err := moco.Add(d, b); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
		if moco.Memory.Len() != 0 || d[0] != 0 {
			t.Errorf("%s: something has changed", want)
		}
	}
}

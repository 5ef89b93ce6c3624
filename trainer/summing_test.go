package trainer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/trainer/ranks"
)

// arrays is an encoder of which only the state matters: arrays of several lengths, every
// third a buffer.
type arrays struct {
	Encoder
	values, grads [][]float32
}

func newArrays(count int, rng *rand.Rand) *arrays {
	a := &arrays{}
	for i := range count {
		n := 1 + i*i
		a.values = append(a.values, make([]float32, n))
		var grad []float32
		if i%3 != 2 {
			grad = make([]float32, n)
			for k := range grad {
				grad[k] = float32(rng.NormFloat64())
			}
		}
		a.grads = append(a.grads, grad)
	}
	return a
}

func (a *arrays) State(visit func(name string, shape []int, value, grad []float32)) {
	for i, v := range a.values {
		visit(fmt.Sprint(i), []int{len(v)}, v, a.grads[i])
	}
}

// In buckets of any size, in whatever order gradients become ready, or none is said to be,
// and with other sums between them, every gradient is the sum over ranks.
func TestBucketsAddUpAllGradients(t *testing.T) {
	t.Parallel()
	const size, count = 3, 20
	var all [size]*arrays
	for rank := range all {
		all[rank] = newArrays(count, rand.New(rand.NewPCG(7, uint64(rank))))
	}
	want := make([][]float32, count)
	for i := range want {
		for k := range all[0].grads[i] {
			sum := 0.0
			for _, a := range all {
				sum += float64(a.grads[i][k])
			}
			want[i] = append(want[i], float32(sum))
		}
	}
	for _, bucket := range []int{1, 100, 1 << 20} {
		for name, order := range map[string][]int{
			"backwards": backwards(count), "in a jumble": rand.New(rand.NewPCG(1, 1)).Perm(count), "unsaid": nil, "in part": {4, 19, 18},
		} {
			err := ranks.Local(size, func(c ranks.Comm) error {
				rank := c.Rank()
				e := newArrays(count, rand.New(rand.NewPCG(7, uint64(rank))))
				s := newSumming(c, e)
				s.fill(bucket)
				s.start()
				defer s.stop()
				for range 2 { // from step to step
					fresh := newArrays(count, rand.New(rand.NewPCG(7, uint64(rank))))
					for i, g := range fresh.grads {
						copy(e.grads[i], g)
					}
					s.begin()
					for k, i := range order {
						s.ready(i)
						if k%4 == 0 {
							x := []float64{float64(rank), 1}
							if err := s.now(x); err != nil || !slices.Equal(x, []float64{3, size}) {
								return fmt.Errorf("a sum in between is %v, %v", x, err)
							}
						}
					}
					if len(order) == count && s.next != len(s.buckets) {
						return fmt.Errorf("of %d buckets that are ready %d are on their way", len(s.buckets), s.next)
					}
					if err := s.finish(); err != nil {
						return err
					}
					for i, g := range e.grads {
						if !slices.Equal(g, want[i]) {
							return fmt.Errorf("rank %d: gradient %d is not the sum", rank, i)
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("buckets of %d, ready %s: %v", bucket, name, err)
			}
		}
	}
}

func backwards(n int) (list []int) {
	for i := n - 1; i >= 0; i-- {
		list = append(list, i)
	}
	return list
}

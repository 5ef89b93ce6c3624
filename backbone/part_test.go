package backbone

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/trainer/ranks"
)

// partsConfigs are networks with branches, batch normalisation and dropout.
func partsConfigs() []Config {
	return []Config{
		{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 8, Dim: 8, Seed: 1},
		{Kind: ResNet18, Channels: 3, Height: 32, Width: 32, Filters: 8, Dim: 8, Dropout: 0.3, Seed: 2},
		{Kind: MobileNetV3Small, Channels: 3, Height: 32, Width: 32, Dim: 8, Seed: 3},
	}
}

// partsBatch is a batch of n images and a gradient with respect to its embeddings.
func partsBatch(c Config, n int) (images, dEmb []float32) {
	rng := rand.New(rand.NewPCG(1, 2))
	images, dEmb = make([]float32, n*c.Channels*c.Height*c.Width), make([]float32, n*c.Dim)
	for i := range images {
		images[i] = float32(rng.NormFloat64())
	}
	for i := range dEmb {
		dEmb[i] = float32(rng.NormFloat64())
	}
	return images, dEmb
}

// step trains a part of a batch, and returns what it leaves: gradients and buffers.
func partStep(n *Net, images, dEmb []float32, part, parts int) ([][]float32, error) {
	size, dim := len(images)/(len(dEmb)/n.Dim()), n.Dim()
	var own []float32
	for i := part; i*size < len(images); i += parts {
		own = append(own, images[i*size:(i+1)*size]...)
	}
	err := n.Train(own, func(dst, _ []float32) error {
		for i := 0; i < len(dst)/dim; i++ {
			copy(dst[i*dim:(i+1)*dim], dEmb[(i*parts+part)*dim:])
		}
		return nil
	})
	var left [][]float32
	n.State(func(_ string, _ []int, value, grad []float32) {
		if grad == nil {
			grad = value
		}
		left = append(left, slices.Clone(grad))
	})
	return left, err
}

// The parts' gradients add up to the whole's, and their running statistics are its, where
// batch normalisation is synchronised; dropout leaves out the same.
func TestPartsAddUpToTheWhole(t *testing.T) {
	for _, c := range partsConfigs() {
		t.Run(c.Kind, func(t *testing.T) {
			t.Parallel()
			images, dEmb := partsBatch(c, 12)
			n, err := New(c)
			if err != nil {
				t.Fatal(err)
			}
			var whole [][]float32
			for range 2 {
				if whole, err = partStep(n, images, dEmb, 0, 1); err != nil {
					t.Fatal(err)
				}
			}
			const parts = 3
			all, order := make([][][]float32, parts), make([][]int, parts)
			err = ranks.Local(parts, func(comm ranks.Comm) error {
				n, err := New(c)
				if err != nil {
					return err
				}
				rank := comm.Rank()
				adder := ranks.Adder[float64]{Comm: comm}
				n.Split(rank, parts, adder.Add, func(i int) { order[rank] = append(order[rank], i) })
				for range 2 {
					order[rank] = nil
					if all[rank], err = partStep(n, images, dEmb, rank, parts); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			i := 0
			n.State(func(name string, _ []int, _, grad []float32) {
				got := slices.Clone(all[0][i])
				for rank := 1; rank < parts; rank++ {
					if grad == nil && !slices.Equal(all[rank][i], got) {
						t.Errorf("%s: parts have other running statistics", name)
					}
					if grad != nil {
						for k, v := range all[rank][i] {
							got[k] += v
						}
					}
				}
				if d := distance(got, whole[i]); d > 2e-4 {
					t.Errorf("%s: off by %.2g of its length", name, d)
				}
				i++
			})
			trained := len(n.trained())
			for rank, o := range order {
				if len(o) != trained || !slices.Equal(o, order[0]) {
					t.Errorf("part %d: the gradients of %d parameters came, of %d, in the order %v, and %v in part 0", rank, len(o), trained, o, order[0])
				}
			}
		})
	}
}

// distance is that of got from want, in lengths of want; what is 0 but for rounding, as the
// gradient of a shift that another normalisation takes away, counts as of 0.03 a number.
func distance(got, want []float32) float64 {
	var off, length float64
	for i, v := range got {
		off += (float64(v) - float64(want[i])) * (float64(v) - float64(want[i]))
		length += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(off / max(length, 1e-3*float64(len(got))))
}

// Without synchronisation each part has its own statistics: what is synchronised is seen.
func TestPartsWithStatisticsOfTheirOwnDiffer(t *testing.T) {
	c := partsConfigs()[0]
	images, dEmb := partsBatch(c, 12)
	var left [2][][]float32
	for part := range 2 {
		n, err := New(c)
		if err != nil {
			t.Fatal(err)
		}
		n.Split(part, 2, nil, nil)
		if left[part], err = partStep(n, images, dEmb, part, 2); err != nil {
			t.Fatal(err)
		}
	}
	if fmt.Sprint(left[0]) == fmt.Sprint(left[1]) {
		t.Error("the parts of a batch have left the same")
	}
}

// An error of the sum ends the step.
func TestASumThatFailsEndsTheStep(t *testing.T) {
	c := partsConfigs()[0]
	images, dEmb := partsBatch(c, 4)
	n, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	broken := fmt.Errorf("broken")
	n.Split(0, 2, func([]float64) error { return broken }, nil)
	if _, err := partStep(n, images, dEmb, 0, 2); err != broken {
		t.Errorf("got %v", err)
	}
}

package eval

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// kmeansTwin is Lloyd's algorithm in plain loops, from the same start.
func kmeansTwin(x []float32, dim, k int, seed uint64) []int32 {
	n := len(x) / dim
	centroids := make([][]float32, k)
	for c, i := range rand.New(rand.NewPCG(seed, 0x6b)).Perm(n)[:k] {
		centroids[c] = slices.Clone(x[i*dim : (i+1)*dim])
	}
	apart := func(i, c int) (sum float64) {
		for j := range dim {
			d := float64(x[i*dim+j]) - float64(centroids[c][j])
			sum += d * d
		}
		return sum
	}
	clusters := make([]int32, n)
	for range kmeansRounds {
		moved := false
		for i := range clusters {
			best := 0
			for c := range centroids {
				if apart(i, c) < apart(i, best) {
					best = c
				}
			}
			moved = moved || clusters[i] != int32(best)
			clusters[i] = int32(best)
		}
		if !moved {
			break
		}
		var left []int // rows, the farthest from their centroids first
		for i := range n {
			left = append(left, i)
		}
		slices.SortStableFunc(left, func(a, b int) int {
			da, db := apart(a, int(clusters[a])), apart(b, int(clusters[b]))
			if da > db {
				return -1
			}
			if da < db {
				return 1
			}
			return 0
		})
		next := make([][]float32, k)
		for c := range next {
			sum, size := make([]float64, dim), 0.0
			for i, own := range clusters {
				if int(own) == c {
					size++
					for j := range dim {
						sum[j] += float64(x[i*dim+j])
					}
				}
			}
			next[c] = make([]float32, dim)
			if size == 0 {
				copy(next[c], x[left[0]*dim:(left[0]+1)*dim])
				left = left[1:]
				continue
			}
			for j := range dim {
				next[c][j] = float32(sum[j] / size)
			}
		}
		centroids = next
	}
	return clusters
}

func TestKMeansEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(41, 1))
	for round := range 40 {
		n, dim := 2+rng.IntN(80), 1+rng.IntN(4)
		x := embeddingsWithTies(rng, n, dim)
		k := 1 + rng.IntN(n)
		got, err := KMeans(x, dim, k, uint64(round))
		if err != nil {
			t.Fatal(err)
		}
		if want := kmeansTwin(x, dim, k, uint64(round)); !slices.Equal(got, want) {
			t.Fatalf("round %d, %d×%d in %d: %v, want %v", round, n, dim, k, got, want)
		}
	}
}

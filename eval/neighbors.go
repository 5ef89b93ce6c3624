package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"crossbatch/xbm/kernel"
)

// queryBlock is how many queries are searched for at a time: their similarities
// to everything take 128 bytes an embedding on each thread.
const queryBlock = 32

// longestRow is the length up to which sums of squared distances stay within
// float32.
const longestRow = 1e18

// Neighbors returns for each embedding (n×dim, row-major) the indices of its k
// nearest others, n×k, nearest first, equal distances by index. k is at most
// n-1. The order is that of the distances ‖a-b‖ computed in float64 from the
// rows: products in float32 only choose the candidates, with more slack than
// their rounding can take up.
func Neighbors(embeddings []float32, dim, k int) ([]int32, error) {
	if dim < 1 || len(embeddings)%dim != 0 {
		return nil, fmt.Errorf("eval: %d numbers in embeddings of %d", len(embeddings), dim)
	}
	n := len(embeddings) / dim
	if k < 0 || k > max(0, n-1) {
		return nil, fmt.Errorf("eval: %d neighbours among %d others: give 0 to %d", k, max(0, n-1), max(0, n-1))
	}
	found := make([]int32, n*k)
	if k == 0 {
		return found, nil
	}
	squares := make([]float32, n)
	var longest float64
	for i := range squares {
		var sum float64
		for _, x := range embeddings[i*dim : (i+1)*dim] {
			sum += float64(x) * float64(x)
		}
		squares[i] = float32(sum)
		longest = max(longest, math.Sqrt(sum))
	}
	if longest > longestRow {
		return nil, fmt.Errorf("eval: an embedding has length %g: more than %g leaves float32", longest, longestRow)
	}
	s := search{embeddings: embeddings, dim: dim, n: n, k: k, squares: squares, longest: longest}
	kernel.Parallel((n+queryBlock-1)/queryBlock, func(b int) { s.block(found, b*queryBlock) })
	return found, nil
}

// search is what all blocks of one Neighbors share.
type search struct {
	embeddings []float32
	dim, n, k  int
	squares    []float32 // ‖row‖²
	longest    float64   // largest ‖row‖
}

// candidate is a row with its exact squared distance.
type candidate struct {
	square float64
	index  int32
}

// block stores the neighbours of the queries from q on.
func (s *search) block(found []int32, q int) {
	rows := min(queryBlock, s.n-q)
	distance := make([]float32, rows*s.n)
	for i := range rows {
		for j, square := range s.squares {
			distance[i*s.n+j] = s.squares[q+i] + square
		}
	}
	all := kernel.Mat{Data: s.embeddings, Stride: s.dim, Trans: true}
	kernel.GemmSerial(rows, s.n, s.dim, -2, kernel.Mat{Data: s.embeddings[q*s.dim:], Stride: s.dim}, all,
		1, kernel.Mat{Data: distance, Stride: s.n})
	scratch := make([]float32, s.n)
	var candidates []candidate
	for i := range rows {
		row := distance[i*s.n : (i+1)*s.n]
		row[q+i] = float32(math.Inf(1))
		copy(scratch, row)
		limit := float64(kthSmallest(scratch, s.k)) + s.slack(q+i)
		candidates = candidates[:0]
		for j, d := range row {
			if j != q+i && float64(d) <= limit {
				candidates = append(candidates, candidate{s.exact(q+i, j), int32(j)})
			}
		}
		slices.SortFunc(candidates, func(a, b candidate) int {
			return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.index, b.index))
		})
		for r, c := range candidates[:s.k] {
			found[(q+i)*s.k+r] = c.index
		}
	}
}

// slack is twice what rounding can do to the squared distance between query q
// and any row: dim+4 roundings of float32 of terms whose sizes add up to no more
// than (‖q‖+‖row‖)².
func (s *search) slack(q int) float64 {
	const unit = 1.0 / (1 << 24)
	reach := math.Sqrt(float64(s.squares[q])) + s.longest
	return 2 * unit * float64(s.dim+4) * reach * reach
}

// exact is the squared distance between two rows.
func (s *search) exact(i, j int) float64 {
	a, b := s.embeddings[i*s.dim:(i+1)*s.dim], s.embeddings[j*s.dim:(j+1)*s.dim]
	var sum float64
	for k, x := range a {
		d := float64(x) - float64(b[k])
		sum += d * d
	}
	return sum
}

// kthSmallest returns the k-th smallest of x, k from 1, and disorders x.
func kthSmallest(x []float32, k int) float32 {
	lo, hi := 0, len(x)-1
	for lo < hi {
		// Hoare's partition around the middle of three.
		mid := lo + (hi-lo)/2
		pivot := max(min(x[lo], x[mid]), min(max(x[lo], x[mid]), x[hi]))
		i, j := lo, hi
		for i <= j {
			for x[i] < pivot {
				i++
			}
			for x[j] > pivot {
				j--
			}
			if i <= j {
				x[i], x[j] = x[j], x[i]
				i++
				j--
			}
		}
		switch {
		case k-1 <= j:
			hi = j
		case k-1 >= i:
			lo = i
		default:
			return x[k-1]
		}
	}
	return x[k-1]
}

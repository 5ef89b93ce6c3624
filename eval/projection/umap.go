package projection

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"crossbatch/eval"
	"crossbatch/xbm/kernel"
)

// UMAP says how rows are laid out on a plane so that neighbours stay neighbours. The
// zero value is ready.
//
//	Leland McInnes, John Healy, James Melville. UMAP: Uniform Manifold
//	Approximation and Projection for Dimension Reduction. 2018.
//	https://arxiv.org/abs/1802.03426
//
// Unlike the paper, rows start from their two principal components, not from a
// spectral layout of the graph, and neighbours are the exact ones. Distances within
// a cluster say something, those between clusters little, areas nothing.
type UMAP struct {
	Neighbors int    // of each row that are to stay near; 0: 15
	Epochs    int    // 0: 500, or 200 of more than 10,000 rows
	Seed      uint64 // of the samples

	// Progress, if not nil, is told of the epochs that are done.
	Progress func(done, of int)
}

// Nearness on the plane at distance d is 1/(1+a·d^2b). These a and b come nearest to
// a curve that is 1 up to a distance of 0.1 and falls as e^-(d-0.1) beyond.
const (
	umapA = 1.5769434603
	umapB = 0.8950608779
)

// The method's constants.
const (
	umapNegatives = 5   // rows that one is pushed away from, for each that it is drawn to
	umapClip      = 4.0 // bound of each number of a step
	umapExtent    = 10  // of the start
)

// Layout returns the places of rows (n×dim) on the plane, n×2, the same for any
// number of threads. It takes O(n²·dim) for the neighbours and then O(n·Neighbors)
// an epoch: ten to twenty seconds for 20,000 rows of 128.
func (u UMAP) Layout(rows []float32, dim int) ([]float32, error) {
	if dim < 1 || len(rows)%dim != 0 {
		return nil, fmt.Errorf("projection: %d numbers in rows of %d", len(rows), dim)
	}
	n := len(rows) / dim
	k := min(cmp.Or(u.Neighbors, 15), n-1)
	if u.Neighbors < 0 || u.Epochs < 0 {
		return nil, fmt.Errorf("projection: layout with %d neighbours and %d epochs: give 0 (the default) or more", u.Neighbors, u.Epochs)
	}
	if n < 3 {
		place := make([]float32, 2*n)
		for i := range n {
			place[2*i] = float32(i)
		}
		return place, nil
	}
	edges, err := nearnessGraph(rows, dim, k)
	if err != nil {
		return nil, err
	}
	start, err := planeStart(rows, dim, u.Seed)
	if err != nil {
		return nil, err
	}
	epochs := u.Epochs
	if epochs == 0 {
		if epochs = 500; n > 10000 {
			epochs = 200
		}
	}
	place := u.settle(start, edges, epochs)
	out := make([]float32, len(place))
	for i, v := range place {
		out[i] = float32(v)
	}
	return out, nil
}

// edge is how much two rows belong together, at most 1.
type edge struct {
	a, b   int32 // a < b
	weight float64
}

// nearnessGraph joins each row with its k nearest: with 1 at the nearest, and less
// with distance, so much less that all add up to log2 k (section 3.1). The two
// weights that a pair can have are joined as probabilities are.
func nearnessGraph(rows []float32, dim, k int) ([]edge, error) {
	found, err := eval.Neighbors(rows, dim, k)
	if err != nil {
		return nil, err
	}
	n := len(rows) / dim
	weights := make([]float64, n*k)
	kernel.Parallel(n, func(i int) {
		distances := make([]float64, k)
		for j, other := range found[i*k : (i+1)*k] {
			distances[j] = math.Sqrt(kernel.SquaredDistance(rows[i*dim:(i+1)*dim], rows[int(other)*dim:(int(other)+1)*dim]))
		}
		smoothNearness(weights[i*k:(i+1)*k], distances)
	})
	edges := make([]edge, 0, n*k)
	for i := range n {
		for j, other := range found[i*k : (i+1)*k] {
			edges = append(edges, edge{min(int32(i), other), max(int32(i), other), weights[i*k+j]})
		}
	}
	slices.SortStableFunc(edges, func(e, f edge) int { return cmp.Or(cmp.Compare(e.a, f.a), cmp.Compare(e.b, f.b)) })
	joined := edges[:0]
	for _, e := range edges {
		if last := len(joined) - 1; last >= 0 && joined[last].a == e.a && joined[last].b == e.b {
			joined[last].weight += e.weight - joined[last].weight*e.weight
			continue
		}
		joined = append(joined, e)
	}
	return joined, nil
}

// smoothNearness stores exp(-(d-nearest)/scale) of ascending distances in dst, with
// the scale at which they add up to log2 of their number.
func smoothNearness(dst, distances []float64) {
	nearest := distances[0]
	for _, d := range distances {
		if d > 0 {
			nearest = d
			break
		}
	}
	sum := func(scale float64) (total float64) {
		for i, d := range distances {
			dst[i] = 1
			if d > nearest {
				dst[i] = math.Exp(-(d - nearest) / scale)
			}
			total += dst[i]
		}
		return total
	}
	want := math.Log2(float64(len(distances)))
	spread := max(distances[len(distances)-1]-nearest, math.SmallestNonzeroFloat32)
	lo, hi := spread*1e-3, spread*1e3
	for range 64 {
		mid := math.Sqrt(lo * hi)
		if sum(mid) > want {
			hi = mid
		} else {
			lo = mid
		}
	}
	sum(hi)
}

// planeStart is where rows lie at first: their principal components, over
// umapExtent, each moved a little so that no two lie at one place.
func planeStart(rows []float32, dim int, seed uint64) ([]float64, error) {
	n := len(rows) / dim
	components := min(2, dim)
	p, err := NewPCA(rows, dim, components, seed)
	if err != nil {
		return nil, err
	}
	flat, rng := p.Project(rows), rand.New(rand.NewPCG(seed, 0x57a7))
	var most float64
	for _, v := range flat {
		most = max(most, math.Abs(float64(v)))
	}
	place := make([]float64, 2*n)
	for i := range n {
		for c := range components {
			place[2*i+c] = umapExtent * float64(flat[i*components+c]) / max(most, math.SmallestNonzeroFloat32)
		}
		place[2*i] += 1e-3 * rng.NormFloat64()
		place[2*i+1] += 1e-3 * rng.NormFloat64()
	}
	return place, nil
}

// settle moves the places by stochastic gradient descent on the cross entropy between
// the graph and the nearness on the plane (section 3.2): an edge is drawn as often as
// its weight says.
func (u UMAP) settle(place []float64, edges []edge, epochs int) []float64 {
	n := len(place) / 2
	var heaviest float64
	for _, e := range edges {
		heaviest = max(heaviest, e.weight)
	}
	due, owed := make([]float64, len(edges)), make([]float64, len(edges))
	for i := range due {
		due[i] = heaviest / edges[i].weight
		owed[i] = due[i] / umapNegatives
	}
	rng := rand.New(rand.NewPCG(u.Seed, 0x0a9))
	for epoch := range epochs {
		rate, now := 1-float64(epoch)/float64(epochs), float64(epoch+1)
		for i, e := range edges {
			if due[i] > now {
				continue
			}
			every := heaviest / e.weight
			due[i] += every
			a, b := place[2*e.a:2*e.a+2], place[2*e.b:2*e.b+2]
			pull := attraction(squareOnPlane(a, b))
			for c := range 2 {
				step := rate * clip(pull*(a[c]-b[c]))
				a[c] += step
				b[c] -= step
			}
			for ; owed[i] <= now; owed[i] += every / umapNegatives {
				// Both ends of an edge are pushed, in turn.
				end := a
				if rng.Uint32()&1 == 1 {
					end = b
				}
				at := rng.IntN(n)
				other := place[2*at : 2*at+2]
				square := squareOnPlane(end, other)
				if square == 0 {
					continue // itself
				}
				push := repulsion(square)
				for c := range 2 {
					end[c] += rate * clip(push*(end[c]-other[c]))
				}
			}
		}
		if u.Progress != nil {
			u.Progress(epoch+1, epochs)
		}
	}
	return place
}

func squareOnPlane(a, b []float64) float64 {
	x, y := a[0]-b[0], a[1]-b[1]
	return x*x + y*y
}

// attraction is the factor of a-b in the derivative of log 1/(1+a·d^2b) by a.
func attraction(square float64) float64 {
	if square == 0 {
		return 0
	}
	power := math.Pow(square, umapB)
	return -2 * umapA * umapB * power / (square * (1 + umapA*power))
}

// repulsion is the factor of a-b in that of log(1 - 1/(1+a·d^2b)), kept finite
// where d is 0.
func repulsion(square float64) float64 {
	return 2 * umapB / ((1e-3 + square) * (1 + umapA*math.Pow(square, umapB)))
}

func clip(x float64) float64 { return max(-umapClip, min(umapClip, x)) }

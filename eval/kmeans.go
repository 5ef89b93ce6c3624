package eval

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// kmeansRounds is what the field uses for clustering scores.
const kmeansRounds = 20

// KMeans parts embeddings (n×dim) into k clusters by Lloyd's algorithm: each row
// goes to the nearest centroid, each centroid to the mean of its rows, 20 times
// over or until nothing changes. It starts from rows that seed draws. A centroid
// without rows moves to the row that is farthest from its own.
//
//	Stuart P. Lloyd. Least Squares Quantization in PCM. IEEE Transactions on
//	Information Theory 28, 1982. https://doi.org/10.1109/TIT.1982.1056489
func KMeans(embeddings []float32, dim, k int, seed uint64) ([]int32, error) {
	return kmeans(embeddings, dim, k, seed, func(int) {})
}

// kmeans is KMeans that tells before each round how many there were.
func kmeans(embeddings []float32, dim, k int, seed uint64, progress func(rounds int)) ([]int32, error) {
	if dim < 1 || len(embeddings)%dim != 0 {
		return nil, fmt.Errorf("eval: %d numbers in embeddings of %d", len(embeddings), dim)
	}
	n := len(embeddings) / dim
	if k < 1 || k > n {
		return nil, fmt.Errorf("eval: %d clusters of %d embeddings: give 1 to %d", k, n, n)
	}
	row := func(x []float32, i int) []float32 { return x[i*dim : (i+1)*dim] }
	centroids := make([]float32, k*dim)
	for c, i := range rand.New(rand.NewPCG(seed, 0x6b)).Perm(n)[:k] {
		copy(row(centroids, c), row(embeddings, i))
	}
	clusters, before := make([]int32, n), make([]int32, n)
	for round := range kmeansRounds {
		progress(round)
		err := SearchGallery(embeddings, centroids, dim, 1, func(i int, nearest []int32) { clusters[i] = nearest[0] })
		if err != nil {
			return nil, err
		}
		if slices.Equal(clusters, before) {
			break
		}
		copy(before, clusters)
		sums, sizes := make([]float64, k*dim), make([]int, k)
		for i, c := range clusters {
			sizes[c]++
			sum := sums[int(c)*dim : (int(c)+1)*dim]
			for j, v := range row(embeddings, i) {
				sum[j] += float64(v)
			}
		}
		far := farthest(embeddings, centroids, dim, clusters, sizes)
		for c, size := range sizes {
			if size == 0 {
				copy(row(centroids, c), row(embeddings, far[0]))
				far = far[1:]
				continue
			}
			for j := range dim {
				centroids[c*dim+j] = float32(sums[c*dim+j] / float64(size))
			}
		}
	}
	return clusters, nil
}

// farthest returns as many rows as there are clusters without any, those that are
// farthest from their centroids first.
func farthest(embeddings, centroids []float32, dim int, clusters []int32, sizes []int) []int {
	empty := 0
	for _, size := range sizes {
		if size == 0 {
			empty++
		}
	}
	if empty == 0 {
		return nil
	}
	all := make([]exactly, len(clusters))
	for i, c := range clusters {
		var square float64
		for j := range dim {
			d := float64(embeddings[i*dim+j]) - float64(centroids[int(c)*dim+j])
			square += d * d
		}
		all[i] = exactly{-square, int32(i)}
	}
	slices.SortFunc(all, compareExactly)
	far := make([]int, empty)
	for i := range far {
		far[i] = int(all[i].index)
	}
	return far
}

// Clustering returns how far k-means with as many clusters as there are labels
// agrees with them; see [Agreement].
func Clustering(embeddings []float32, dim int, labels []int32, seed uint64) (nmi, ami float64, err error) {
	if err := check(embeddings, dim, len(labels)); err != nil {
		return 0, 0, err
	}
	return clustering(embeddings, dim, labels, seed, func(int) {})
}

func clustering(embeddings []float32, dim int, labels []int32, seed uint64, progress func(rounds int)) (nmi, ami float64, err error) {
	clusters, err := kmeans(embeddings, dim, len(counts(labels)), seed, progress)
	if err != nil {
		return 0, 0, err
	}
	return Agreement(labels, clusters)
}

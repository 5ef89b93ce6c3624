package eval

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
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

// mutualTwin is the mutual information by its definition, over all pairs of names.
func mutualTwin(a, b []int32) (mutual float64) {
	n := float64(len(a))
	share := func(is func(i int) bool) (p float64) {
		for i := range a {
			if is(i) {
				p += 1 / n
			}
		}
		return p
	}
	names := func(x []int32) []int32 { return slices.Compact(slices.Sorted(slices.Values(x))) }
	for _, u := range names(a) {
		for _, v := range names(b) {
			both := share(func(i int) bool { return a[i] == u && b[i] == v })
			if both > 0 {
				mutual += both * math.Log(both/share(func(i int) bool { return a[i] == u })/share(func(i int) bool { return b[i] == v }))
			}
		}
	}
	return mutual
}

// permutations calls f with every order of x.
func permutations(x []int32, f func([]int32)) {
	if len(x) == 0 {
		f(nil)
		return
	}
	var swap func(k int)
	swap = func(k int) {
		if k == len(x) {
			f(x)
			return
		}
		for i := k; i < len(x); i++ {
			x[k], x[i] = x[i], x[k]
			swap(k + 1)
			x[k], x[i] = x[i], x[k]
		}
	}
	swap(0)
}

// What chance is expected to give is the mean over all ways to deal the labels.
func TestAgreementEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(42, 1))
	for range 12 {
		n := 4 + rng.IntN(3)
		labels, clusters := make([]int32, n), make([]int32, n)
		for i := range labels {
			labels[i], clusters[i] = int32(rng.IntN(3)), int32(rng.IntN(3))
		}
		labels[0], labels[1], clusters[0], clusters[1], clusters[2] = 0, 1, 5, 6, 5 // no end of the scale
		mutual := mutualTwin(labels, clusters)
		norm := (mutualTwin(labels, labels) + mutualTwin(clusters, clusters)) / 2
		var expected, ways float64
		permutations(slices.Clone(labels), func(dealt []int32) {
			expected += mutualTwin(dealt, clusters)
			ways++
		})
		expected /= ways
		nmi, ami, err := Agreement(labels, clusters)
		if err != nil || math.Abs(nmi-mutual/norm) > 1e-9 || math.Abs(ami-(mutual-expected)/(norm-expected)) > 1e-9 {
			t.Errorf("%v and %v: NMI %g, AMI %g, want %g and %g (%v)", labels, clusters, nmi, ami, mutual/norm, (mutual-expected)/(norm-expected), err)
		}
	}
}

// The bounds are percentiles of the means over the same draws.
func TestBootstrapEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(43, 1))
	x, labels := blobs(rng, 12, 5, 3, 1)
	const draws = 200
	s, err := Retrieval{Dim: 3, Queries: x, QueryLabels: labels, Ranks: []int{1}, Resamples: draws, Seed: 8}.Score()
	if err != nil {
		t.Fatal(err)
	}
	var right []float64
	for q, ranked := range naive(x, 3) {
		right = append(right, 0)
		if labels[ranked[0]] == labels[q] {
			right[q] = 1
		}
	}
	means := make([]float64, draws)
	for i := range means {
		rng := rand.New(rand.NewPCG(8, uint64(i)))
		for range right {
			means[i] += right[rng.IntN(len(right))] / float64(len(right))
		}
	}
	slices.Sort(means)
	// Of 200, the 2.5th percentile lies between the 5th and 6th, at 4.975.
	low := means[4] + 0.975*(means[5]-means[4])
	high := means[194] + 0.025*(means[195]-means[194])
	if got := s.Bootstrap; math.Abs(got.Low.Recall[0].Share-low) > 1e-9 || math.Abs(got.High.Recall[0].Share-high) > 1e-9 {
		t.Errorf("%g to %g, want %g to %g", got.Low.Recall[0].Share, got.High.Recall[0].Share, low, high)
	}
}

// The spectrum is that of a singular value decomposition in float64, down to
// directions that hardly vary.
func TestSpectrumEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(44, 1))
	const n, dim = 700, 6
	x, labels, wide := make([]float32, n*dim), make([]int32, n), mat.NewDense(n, dim, nil)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * math.Pow(10, -float64(i%dim)))
		wide.Set(i/dim, i%dim, float64(x[i]))
	}
	for i := range labels {
		labels[i] = int32(i % 50)
	}
	d, err := Diagnose(x, dim, labels)
	if err != nil {
		t.Fatal(err)
	}
	var svd mat.SVD
	if !svd.Factorize(wide, mat.SVDNone) {
		t.Fatal("no singular values")
	}
	values := svd.Values(nil)
	var sum, squares, decay, entropy float64
	for _, v := range values {
		sum += v
		squares += v * v
	}
	for i, v := range values {
		if math.Abs(d.Spectrum[i]-v/sum) > 1e-6*v/sum {
			t.Errorf("share %d is %g, want %g", i, d.Spectrum[i], v/sum)
		}
		decay += 1. / dim * math.Log(1./dim/(v/sum))
		entropy -= v * v / squares * math.Log(v*v/squares)
	}
	if math.Abs(d.SpectralDecay-decay) > 1e-6 || math.Abs(d.EffectiveRank-math.Exp(entropy)) > 1e-6 {
		t.Errorf("decay %g, rank %g, want %g and %g", d.SpectralDecay, d.EffectiveRank, decay, math.Exp(entropy))
	}
}

// The principal components are a singular value decomposition's, up to sign.
func TestPCAEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 1))
	const n, dim, components = 300, 12, 3
	rows, wide := make([]float32, n*dim), mat.NewDense(n, dim, nil)
	for i := range rows {
		rows[i] = float32(5 + rng.NormFloat64()*math.Pow(2, -float64(i%dim)))
	}
	for j := range dim {
		var mean float64
		for i := range n {
			mean += float64(rows[i*dim+j]) / n
		}
		for i := range n {
			wide.Set(i, j, float64(rows[i*dim+j])-mean)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(wide, mat.SVDThin) {
		t.Fatal("no decomposition")
	}
	var v, want mat.Dense
	svd.VTo(&v)
	want.Mul(wide, &v)
	p, err := NewPCA(rows, dim, components, 1)
	if err != nil {
		t.Fatal(err)
	}
	got := p.Project(rows)
	for c := range components {
		sign := 1.0
		if got[c] < 0 != (want.At(0, c) < 0) {
			sign = -1
		}
		for i := range n {
			if math.Abs(float64(got[i*components+c])-sign*want.At(i, c)) > 0.01 {
				t.Fatalf("row %d, component %d: %g, want %g", i, c, got[i*components+c], sign*want.At(i, c))
			}
		}
	}
}

// The classifiers are those of plain loops and the normal equations.
func TestShotsEqualTheirTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(46, 1))
	const dim = 3
	x, labels := blobs(rng, 7, 9, dim, 1)
	got, err := Shots(x, dim, labels, 4)
	if err != nil {
		t.Fatal(err)
	}
	draw := rand.New(rand.NewPCG(4, 0x5407))
	var learn, ask []int
	for _, class := range members(labels) {
		draw.Shuffle(len(class), func(i, j int) { class[i], class[j] = class[j], class[i] })
		learn, ask = append(learn, class[:4]...), append(ask, class[4:]...)
	}
	const classes = 7
	centers, size := mat.NewDense(classes, dim, nil), 4.
	mean := make([]float64, dim)
	for _, i := range learn {
		for j := range dim {
			v := float64(x[i*dim+j])
			centers.Set(int(labels[i]), j, centers.At(int(labels[i]), j)+v/size)
			mean[j] += v / float64(len(learn))
		}
	}
	a, y := mat.NewDense(len(learn), dim, nil), mat.NewDense(len(learn), classes, nil)
	for k, i := range learn {
		for j := range dim {
			a.Set(k, j, float64(x[i*dim+j])-mean[j])
		}
		y.Set(k, int(labels[i]), 1)
	}
	var gram, side, w mat.Dense
	gram.Mul(a.T(), a)
	ridgeOf := ridge * mat.Trace(&gram) / dim
	for j := range dim {
		gram.Set(j, j, gram.At(j, j)+ridgeOf)
	}
	side.Mul(a.T(), y)
	if err := w.Solve(&gram, &side); err != nil {
		t.Fatal(err)
	}
	var centroid, linear float64
	for _, i := range ask {
		near, best := 0, 0
		apart, score := make([]float64, classes), make([]float64, classes)
		for c := range classes {
			score[c] = 1. / classes // all are of one size
			for j := range dim {
				v := float64(x[i*dim+j])
				apart[c] += (v - centers.At(c, j)) * (v - centers.At(c, j))
				score[c] += (v - mean[j]) * w.At(j, c)
			}
			if apart[c] < apart[near] {
				near = c
			}
			if score[c] > score[best] {
				best = c
			}
		}
		if near == int(labels[i]) {
			centroid += 1 / float64(len(ask))
		}
		if best == int(labels[i]) {
			linear += 1 / float64(len(ask))
		}
	}
	if math.Abs(got.Centroid-centroid) > 1e-9 || math.Abs(got.Linear-linear) > 1e-9 || got.Queries != len(ask) {
		t.Errorf("%+v, want %g and %g of %d", got, centroid, linear, len(ask))
	}
}

// Distances stay within the error that the dimensions leave.
func TestProjectionKeepsDistances(t *testing.T) {
	rng := rand.New(rand.NewPCG(47, 1))
	const n, from, to = 12, 3000, 400
	rows, projected := make([]float32, n*from), make([]float32, n*to)
	for i := range rows {
		rows[i] = rng.Float32()
	}
	Normalize(rows, from)
	if square := squaredLength(rows[:from]); math.Abs(square-1) > 1e-5 {
		t.Errorf("a row of length² %g", square)
	}
	NewProjection(from, to, 1).Project(projected, rows)
	var worst float64
	for i := range n {
		for j := range i {
			ratio := kernelDistance(projected, to, i, j) / kernelDistance(rows, from, i, j)
			worst = max(worst, math.Abs(ratio-1))
		}
	}
	if worst > 5*math.Sqrt(2./to) {
		t.Errorf("a square is off by %g, expected about %g", worst, math.Sqrt(2./to))
	}
}

package eval

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// blobs are embeddings of classes around centres that are spread apart.
func blobs(rng *rand.Rand, classes, each, dim int, spread float64) (x []float32, labels []int32) {
	for c := range classes {
		center := make([]float64, dim)
		for j := range center {
			center[j] = spread * rng.NormFloat64()
		}
		for range each {
			for _, v := range center {
				x = append(x, float32(v+rng.NormFloat64()))
			}
			labels = append(labels, int32(c))
		}
	}
	return x, labels
}

func TestDiagnosisEqualsItsTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	const dim = 5
	x, labels := blobs(rng, 6, 7, dim, 1.5)
	labels[3], labels[9] = 77, 5
	d, err := Diagnose(x, dim, labels)
	if err != nil {
		t.Fatal(err)
	}
	row := func(i int) []float32 { return x[i*dim : (i+1)*dim] }
	var positive, negative, pairs, others float64
	intra, size := map[int32]float64{}, map[int32]float64{}
	centers := map[int32][]float64{}
	for i, l := range labels {
		if centers[l] == nil {
			centers[l] = make([]float64, dim)
		}
		size[l]++
		for k, v := range row(i) {
			centers[l][k] += float64(v)
		}
		for j := range i {
			var dot, apart float64
			for k := range dim {
				dot += float64(row(i)[k]) * float64(row(j)[k])
				e := float64(row(i)[k]) - float64(row(j)[k])
				apart += e * e
			}
			cosine := dot / math.Sqrt(squaredLength(row(i))*squaredLength(row(j)))
			if labels[j] == l {
				positive, pairs = positive+cosine, pairs+1
				intra[l] += math.Sqrt(apart)
			} else {
				negative, others = negative+cosine, others+1
			}
		}
	}
	var within, between, several, couples float64
	for l, n := range size {
		if n > 1 {
			within += intra[l] / (n * (n - 1) / 2)
			several++
		}
		for o, m := range size {
			if o < l {
				var apart float64
				for k := range dim {
					e := centers[l][k]/n - centers[o][k]/m
					apart += e * e
				}
				between += math.Sqrt(apart)
				couples++
			}
		}
	}
	for name, pair := range map[string][2]float64{
		"positives": {d.PositiveSimilarity, positive / pairs}, "negatives": {d.NegativeSimilarity, negative / others},
		"margin": {d.Margin, positive/pairs - negative/others},
		"intra":  {d.IntraDistance, within / several}, "inter": {d.InterDistance, between / couples},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-5 {
			t.Errorf("%s: %g, want %g", name, pair[0], pair[1])
		}
	}
	if _, err := Diagnose(x, dim, make([]int32, len(labels))); err == nil {
		t.Error("a single class is not refused")
	}
}

// Two dimensions in use, of four, as much as each other.
func TestSpectrum(t *testing.T) {
	x := []float32{2, 0, 0, 0, 0, 2, 0, 0, -2, 0, 0, 0, 0, -2, 0, 0}
	d, err := Diagnose(x, 4, []int32{0, 0, 1, 1})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(d.EffectiveRank-2) > 1e-6 || math.Abs(d.Spectrum[0]-0.5) > 1e-6 || d.Spectrum[3] > 1e-6 || d.SpectralDecay < 1 {
		t.Errorf("%+v", d)
	}
}

func TestKMeansFindsBlobs(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 1))
	x, labels := blobs(rng, 4, 50, 3, 30)
	var best float64
	for seed := range uint64(4) { // a start may leave a blob without a centroid
		nmi, ami, err := Clustering(x, 3, labels, seed)
		if err != nil {
			t.Fatal(err)
		}
		if nmi < 0.6 || ami < 0.5 {
			t.Errorf("seed %d: NMI %g, AMI %g", seed, nmi, ami)
		}
		best = max(best, ami)
	}
	if best != 1 {
		t.Errorf("best AMI %g", best)
	}
	same := make([]float32, 30)
	clusters, err := KMeans(same, 3, 4, 1)
	if err != nil || len(clusters) != 10 {
		t.Errorf("ten equal rows: %v %v", clusters, err)
	}
	if _, err := KMeans(same, 3, 11, 1); err == nil {
		t.Error("more clusters than rows are not refused")
	}
}

// Of a large class some stand for all: the mean distance hardly changes.
func TestLargeClassesAreThinned(t *testing.T) {
	if got := thin([]int{0, 1, 2, 3, 4, 5, 6}, 3); got[0] != 0 || got[1] != 2 || got[2] != 4 || len(got) != 3 {
		t.Error(got)
	}
	if got := thin([]int{5, 6}, 3); len(got) != 2 {
		t.Error(got)
	}
	rng := rand.New(rand.NewPCG(25, 1))
	const n, dim = 5 * mostMembers, 4
	x, labels := make([]float32, n*dim), make([]int32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	labels[0] = 1
	d, err := Diagnose(x, dim, labels)
	if err != nil {
		t.Fatal(err)
	}
	var apart, pairs float64
	for i := 1; i < n; i++ {
		for j := 1; j < i; j++ {
			apart += math.Sqrt(kernelDistance(x, dim, i, j))
			pairs++
		}
	}
	if math.Abs(d.IntraDistance-apart/pairs) > 0.05*apart/pairs {
		t.Errorf("%g, want about %g", d.IntraDistance, apart/pairs)
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

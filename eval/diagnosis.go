package eval

import (
	"errors"
	"math"
	"slices"

	"crossbatch/xbm/kernel"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// Diagnosis says how embeddings lie, apart from how they retrieve.
type Diagnosis struct {
	// Margin is the statistical margin: the mean similarity (cosine) of two
	// embeddings of one class less that of two of different classes.
	Margin             float64 `json:"statistical_margin"`
	PositiveSimilarity float64 `json:"positive_similarity"`
	NegativeSimilarity float64 `json:"negative_similarity"`

	// IntraDistance is the mean distance of two embeddings of one class, over the
	// classes; InterDistance that of two classes' centres. Of a class of more than
	// 256, and of more than 2048 centres, as many stand for all, evenly spaced: the
	// pairs would grow with their square.
	//
	//	Karsten Roth, Timo Milbich, Samarth Sinha, Prateek Gupta, Björn Ommer,
	//	Joseph Paul Cohen. Revisiting Training Strategies and Generalization
	//	Performance in Deep Metric Learning. ICML 2020.
	//	https://arxiv.org/abs/2002.08473 (section 5)
	IntraDistance float64 `json:"intra_distance"`
	InterDistance float64 `json:"inter_distance"`

	// Spectrum are the singular values of the embeddings, as shares of their sum,
	// descending. SpectralDecay is how far they are from all alike: the
	// Kullback-Leibler divergence of the uniform distribution from them, as there; a
	// share under 1e-12 counts as that, or one dimension out of use would make it
	// infinite.
	// EffectiveRank is e to the entropy of their squares' shares: about how many
	// dimensions are in use, 0 where all rows are zero.
	Spectrum      []float64 `json:"spectrum"`
	SpectralDecay float64   `json:"spectral_decay"`
	EffectiveRank float64   `json:"effective_rank"`
}

// Bounds of what stands for all.
const (
	mostMembers = 256
	mostCenters = 2048
)

// Diagnose looks at embeddings (n×dim) of at least two classes, one of which has
// two embeddings.
func Diagnose(embeddings []float32, dim int, labels []int32) (Diagnosis, error) {
	var d Diagnosis
	if err := check(embeddings, dim, len(labels)); err != nil {
		return d, err
	}
	classes := ByClass(labels)
	pairs := 0
	for _, c := range classes {
		pairs += len(c) * (len(c) - 1) / 2
	}
	if pairs == 0 || len(classes) < 2 {
		return d, ErrNoPartner
	}
	unit := make([]float32, len(embeddings))
	kernel.NormalizeRows(unit, make([]float32, len(labels)), embeddings, dim)
	d.similarities(unit, dim, classes, pairs)
	d.distances(embeddings, dim, classes)
	return d, d.spectrum(embeddings, dim)
}

// similarities takes the sums over pairs from sums of rows: |Σx|² = Σ|x|² + 2Σ
// over pairs.
func (d *Diagnosis) similarities(unit []float32, dim int, classes [][]int, pairs int) {
	var within, all, squares float64
	total := make([]float64, dim)
	rows := 0
	for _, class := range classes {
		sum := make([]float64, dim)
		var own float64
		for _, i := range class {
			row := unit[i*dim : (i+1)*dim]
			own += squaredLength(row)
			for j, v := range row {
				sum[j] += float64(v)
			}
		}
		var square float64
		for j, v := range sum {
			square += v * v
			total[j] += v
		}
		within += (square - own) / 2
		squares += own
		rows += len(class)
	}
	for _, v := range total {
		all += v * v
	}
	negatives := rows*(rows-1)/2 - pairs
	d.PositiveSimilarity = within / float64(pairs)
	d.NegativeSimilarity = ((all-squares)/2 - within) / float64(negatives)
	d.Margin = d.PositiveSimilarity - d.NegativeSimilarity
}

func (d *Diagnosis) distances(x []float32, dim int, classes [][]int) {
	row := func(i int) []float32 { return x[i*dim : (i+1)*dim] }
	centers, intra := make([][]float32, len(classes)), make([]float64, len(classes))
	kernel.Parallel(len(classes), func(c int) {
		class := classes[c]
		centers[c] = make([]float32, dim)
		MeanRow(centers[c], x, class)
		some := thin(class, mostMembers)
		for k, i := range some {
			for _, j := range some[:k] {
				intra[c] += math.Sqrt(kernel.SquaredDistance(row(i), row(j)))
			}
		}
		intra[c] /= float64(max(1, len(some)*(len(some)-1)/2))
	})
	several := 0
	for c, class := range classes {
		if len(class) > 1 {
			d.IntraDistance += intra[c]
			several++
		}
	}
	d.IntraDistance /= float64(several)

	centers = thin(centers, mostCenters)
	inter := make([]float64, len(centers))
	kernel.Parallel(len(centers), func(c int) {
		for _, other := range centers[:c] {
			inter[c] += math.Sqrt(kernel.SquaredDistance(centers[c], other))
		}
	})
	for _, sum := range inter {
		d.InterDistance += sum
	}
	d.InterDistance /= float64(len(centers) * (len(centers) - 1) / 2)
}

// thin returns so many of x at most, evenly spaced.
func thin[T any](x []T, most int) []T {
	if len(x) <= most {
		return x
	}
	some := make([]T, most)
	for k := range some {
		some[k] = x[k*len(x)/most]
	}
	return some
}

var errNoSpectrum = errors.New("eval: the spectrum of the embeddings was not found: are there infinities?")

func (d *Diagnosis) spectrum(x []float32, dim int) error {
	values, err := squaredSpectrum(x, dim)
	if err != nil {
		return err
	}
	var sum, squares float64
	for _, v := range values {
		sum += math.Sqrt(v)
		squares += v
	}
	for _, v := range values {
		share := 0.0 // all rows are zero
		if sum > 0 {
			share = math.Sqrt(v) / sum
		}
		d.Spectrum = append(d.Spectrum, share)
		d.SpectralDecay -= math.Log(max(share, 1e-12)*float64(dim)) / float64(dim)
		if p := v / squares; v > 0 {
			d.EffectiveRank -= p * math.Log(p)
		}
	}
	if squares > 0 {
		d.EffectiveRank = math.Exp(d.EffectiveRank)
	}
	return nil
}

// squaredSpectrum returns the squared singular values of x, descending. The sums
// are in float64: directions that are not in use have values near 0, not near what
// float32 rounds.
func squaredSpectrum(x []float32, dim int) ([]float64, error) {
	gram := mat.NewSymDense(dim, nil)
	const chunk = 512
	rows := make([]float64, chunk*dim)
	for n := len(x); n > 0; n = len(x) {
		n = min(n, chunk*dim)
		for i, v := range x[:n] {
			rows[i] = float64(v)
		}
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: n / dim, Cols: dim, Stride: dim, Data: rows[:n]}, 1, gram.RawSymmetric())
		x = x[n:]
	}
	var e mat.EigenSym
	if !e.Factorize(gram, false) {
		return nil, errNoSpectrum
	}
	values := e.Values(nil)
	slices.Reverse(values)
	for i, v := range values {
		values[i] = max(0, v) // but for rounding none is below
	}
	return values, nil
}

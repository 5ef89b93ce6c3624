package eval

import (
	"errors"
	"math"

	"crossbatch/xbm/kernel"

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
	// classes; InterDistance that of two classes' centres.
	//
	//	Karsten Roth, Timo Milbich, Samarth Sinha, Prateek Gupta, Björn Ommer,
	//	Joseph Paul Cohen. Revisiting Training Strategies and Generalization
	//	Performance in Deep Metric Learning. ICML 2020.
	//	https://arxiv.org/abs/2002.08473 (section 5)
	IntraDistance float64 `json:"intra_distance"`
	InterDistance float64 `json:"inter_distance"`

	// Spectrum are the singular values of the embeddings, as shares of their sum,
	// descending. SpectralDecay is how far they are from all alike: the
	// Kullback-Leibler divergence of the uniform distribution from them, as there.
	// EffectiveRank is e to the entropy of their squares' shares: about how many
	// dimensions are in use.
	Spectrum      []float64 `json:"spectrum"`
	SpectralDecay float64   `json:"spectral_decay"`
	EffectiveRank float64   `json:"effective_rank"`
}

// Diagnose looks at embeddings (n×dim) of at least two classes, one of which has
// two embeddings.
func Diagnose(embeddings []float32, dim int, labels []int32) (Diagnosis, error) {
	var d Diagnosis
	if err := check(embeddings, dim, labels); err != nil {
		return d, err
	}
	classes := members(labels)
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

// members lists the rows of each class, the classes by first appearance.
func members(labels []int32) [][]int {
	place := map[int32]int{}
	var classes [][]int
	for i, l := range labels {
		c, seen := place[l]
		if !seen {
			c = len(classes)
			place[l] = c
			classes = append(classes, nil)
		}
		classes[c] = append(classes[c], i)
	}
	return classes
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
	centers := make([]float32, len(classes)*dim)
	intra := make([]float64, len(classes))
	kernel.Parallel(len(classes), func(c int) {
		class := classes[c]
		center := centers[c*dim : (c+1)*dim]
		for k, i := range class {
			kernel.Axpy(center, 1/float32(len(class)), x[i*dim:(i+1)*dim])
			for _, j := range class[:k] {
				intra[c] += math.Sqrt(kernel.SquaredDistance(x[i*dim:(i+1)*dim], x[j*dim:(j+1)*dim]))
			}
		}
		intra[c] /= float64(max(1, len(class)*(len(class)-1)/2))
	})
	inter := make([]float64, len(classes))
	kernel.Parallel(len(classes), func(c int) {
		for o := range c {
			inter[c] += math.Sqrt(kernel.SquaredDistance(centers[c*dim:(c+1)*dim], centers[o*dim:(o+1)*dim]))
		}
	})
	several := 0
	for c, class := range classes {
		d.InterDistance += inter[c]
		if len(class) > 1 {
			d.IntraDistance += intra[c]
			several++
		}
	}
	d.IntraDistance /= float64(several)
	d.InterDistance /= float64(len(classes) * (len(classes) - 1) / 2)
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
		share := math.Sqrt(v) / sum
		d.Spectrum = append(d.Spectrum, share)
		d.SpectralDecay -= math.Log(max(share, 1e-12)*float64(dim)) / float64(dim)
		if p := v / squares; p > 0 {
			d.EffectiveRank -= p * math.Log(p)
		}
	}
	d.EffectiveRank = math.Exp(d.EffectiveRank)
	return nil
}

// squaredSpectrum returns the squared singular values of x, descending.
func squaredSpectrum(x []float32, dim int) ([]float64, error) {
	gram := make([]float32, dim*dim)
	kernel.Gemm(dim, dim, len(x)/dim, 1, kernel.Mat{Data: x, Stride: dim, Trans: true},
		kernel.Mat{Data: x, Stride: dim}, 0, kernel.Mat{Data: gram, Stride: dim})
	values, _, err := eigen(gram, dim)
	return values, err
}

// eigen returns the eigenvalues of a symmetric matrix that has none below 0 but
// for rounding, descending, and the eigenvectors in the columns.
func eigen(gram []float32, dim int) ([]float64, *mat.Dense, error) {
	wide := make([]float64, len(gram))
	for i, v := range gram {
		wide[i] = float64(v)
	}
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(dim, wide), true) {
		return nil, nil, errNoSpectrum
	}
	ascending := e.Values(nil)
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	values, turned := make([]float64, dim), mat.NewDense(dim, dim, nil)
	for i, v := range ascending {
		values[dim-1-i] = max(0, v)
		for r := range dim {
			turned.Set(r, dim-1-i, vectors.At(r, i))
		}
	}
	return values, turned, nil
}

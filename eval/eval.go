// Package eval scores embeddings: retrieval of a query's own class among its
// nearest neighbours, agreement of clusterings, and how embeddings lie.
//
//   - [Score] scores embeddings with a label each, every one a query among all the
//     others. [Retrieval] says anything else: queries among a gallery, cameras and
//     junk of re-identification, several labels a row, cosine, bounds by resampling,
//     means over classes; [Retrieval.Draws] draws the gallery again and again.
//   - [Retrieval.Evaluate] adds clustering and a [Diagnosis], as far as an [Effort]
//     allows.
//   - [Search], [SearchGallery] and [Gallery] find nearest neighbours, exactly.
//
// Everything is a pure function of embeddings and labels, the same for any number of
// threads. Distances are between the embeddings as they are given, Euclidean unless
// cosine is asked for; neighbours at equal distance are ordered by their index, so
// that a score is one number and not a matter of luck. (Where that is left to the
// search, collapsed embeddings can score anything up to 100 %.) Every score is finite;
// what can't be scored is an error: [ErrNoPartner].
//
// Telling pairs apart is package verification, classifiers that learn from a few are
// fewshot, fewer dimensions projection, motion over a training drift. Not here:
// networks, files (eval/record), tables and pictures (eval/report).
package eval

import (
	"errors"
	"fmt"
)

// Means are scores averaged over queries, each from 0 to 1.
//
// R-precision and MAP@R are as in
//
//	Kevin Musgrave, Serge Belongie, Ser-Nam Lim. A Metric Learning Reality
//	Check. ECCV 2020. https://arxiv.org/abs/2003.08505 (section 2.3)
type Means struct {
	// Recall is the share of queries with one of their class among their first
	// k neighbours, by ascending k. At 1 it is also the precision at 1.
	Recall Recall `json:"recall"`
	// RPrecision is the mean share of a query's class among its first R
	// neighbours, where R is the number of others in its class.
	RPrecision float64 `json:"r_precision"`
	// MAPAtR is the mean over queries of 1/R·Σ P(i)·rel(i) for the ranks i up
	// to R, P(i) being the precision within the first i.
	MAPAtR float64 `json:"map_at_r"`
	// MAP is the same over all ranks, and MRR the mean of 1/rank of the first of
	// a query's class; nil where Retrieval.Full was not asked for.
	MAP *float64 `json:"map,omitempty"`
	MRR *float64 `json:"mrr,omitempty"`
	// MAPTrapezoidal is MAP as the authors of Market-1501 count it, by trapezoids
	// under the curve of precision over recall, where cameras are known; most papers
	// since give MAP.
	MAPTrapezoidal *float64 `json:"map_trapezoidal,omitempty"`
}

// Scores are the retrieval scores of a set of embeddings. Queries whose label no
// other embedding has are skipped: they are in no average, but stay among the
// others.
type Scores struct {
	Means
	// Bootstrap bounds the means; nil where it was not asked for.
	Bootstrap *Bootstrap `json:"bootstrap,omitempty"`
	// ClassMeans are the means over classes; nil where they were not asked for.
	ClassMeans *Means `json:"class_means,omitempty"`
	// AcrossCameras tells that what a query's own camera took of its class was left out.
	AcrossCameras bool `json:"across_cameras,omitempty"`
	// Junk is how many rows were left out of every ranking.
	Junk int `json:"junk,omitempty"`
	// Queries took part; Skipped did not, having no partner.
	Queries int `json:"queries"`
	Skipped int `json:"skipped"`
}

// ErrNoPartner says that no query has another embedding of its label, so that
// there is nothing to score.
var ErrNoPartner = errors.New("eval: no query has another embedding of its label: there is nothing to retrieve")

// Score returns the scores of embeddings (n×dim, row-major), each a query among
// all the others, with recall at the given ranks ks, each at least 1.
func Score(embeddings []float32, dim int, labels []int32, ks []int) (Scores, error) {
	return Retrieval{Dim: dim, Queries: embeddings, QueryLabels: labels, Ranks: ks}.Score()
}

// MeanAveragePrecision is the mean over queries of 1/R·Σ P(i)·rel(i) over all
// ranks i. It ranks every query against everything: O(n² log n).
func MeanAveragePrecision(embeddings []float32, dim int, labels []int32) (float64, error) {
	s, err := Retrieval{Dim: dim, Queries: embeddings, QueryLabels: labels, Full: true}.Score()
	if err != nil {
		return 0, err
	}
	return *s.MAP, nil
}

func check(embeddings []float32, dim, labels int) error {
	if dim < 1 || len(embeddings) != dim*labels {
		return fmt.Errorf("eval: %d numbers for %d labels and embeddings of %d", len(embeddings), labels, dim)
	}
	for i, x := range embeddings {
		if x-x != 0 {
			return fmt.Errorf("eval: embedding %d has %g at place %d: it can be nobody's neighbour", i/dim, x, i%dim)
		}
	}
	return nil
}

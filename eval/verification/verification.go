// Package verification scores embeddings at telling whether two images show the same
// class: a pair is accepted where the distance of its embeddings is up to a threshold.
//
// [Task] says what to score: all pairs of rows, or a list of them that [ReadPairs]
// reads. [Scores] are the area under the ROC curve, average precision, the share of
// right pairs that is accepted (TAR) where but few wrong ones are (FAR), the equal error
// rate, and what a threshold decides. A threshold that was chosen on the pairs that it
// is judged by flatters: choose it on validation classes (Scores.Best) and give it to
// the test ([Task].Threshold).
//
// Every number is exact, over all pairs and with ties counted as ties, in memory that
// does not grow with the pairs, and the same for any number of threads. The definitions
// are those of
//
//	Tom Fawcett. An Introduction to ROC Analysis. Pattern Recognition Letters 27, 2006.
//	https://doi.org/10.1016/j.patrec.2005.10.010
//
// and agree with scikit-learn's roc_auc_score, roc_curve and average_precision_score.
package verification

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"crossbatch/eval"
)

// Task is what to score. Dim, Embeddings and Labels or Pairs must be given.
type Task struct {
	Dim        int
	Embeddings []float32 // n×Dim, row-major
	// Labels say for all pairs of rows which are right: those of one label. With Pairs
	// they are not looked at.
	Labels []int32
	// Pairs are what is scored; nil for all pairs of two rows.
	Pairs []Pair

	Distance eval.Distance
	// FARs are the rates of false acceptance that TAR is reported at; nil: [FARs].
	FARs []float64
	// Threshold is one to judge, in the unit of [Decision]; nil for none.
	Threshold *float64

	// Progress, if not nil, is told now and then how far it is, by several goroutines at
	// once.
	Progress func(done, of int)

	room int // distinct distances that are held at a time; 0: mostHeld
}

// FARs are the usual rates of false acceptance.
func FARs() []float64 { return []float64{1e-1, 1e-2, 1e-3, 1e-4} }

// ParseFARs reads rates of false acceptance that commas part: above 0, up to 1. "" is for
// the usual ones: nil.
func ParseFARs(text string) (rates []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		far, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil || !(far > 0 && far <= 1) {
			return nil, fmt.Errorf("far is %q: give rates above 0, up to 1, separated by commas", text)
		}
		rates = append(rates, far)
	}
	return rates, nil
}

// Scores are what a task came to. Shares are from 0 to 1.
type Scores struct {
	Distance  eval.Distance `json:"distance"`
	Positives int64         `json:"positives"` // pairs of one class
	Negatives int64         `json:"negatives"` // pairs of two classes
	// AUC is the area under the ROC curve: the probability that a positive pair is nearer than
	// a negative one, a tie counting half.
	AUC float64 `json:"roc_auc"`
	// AveragePrecision is Σ (R_i - R_{i-1})·P_i over the distinct distances, P_i being
	// the share of positives among the pairs up to there and R_i that of all positives.
	AveragePrecision float64 `json:"average_precision"`
	// EqualErrorRate is where the rates of false acceptance and of false rejection meet,
	// on the ROC curve with straight lines between its points.
	EqualErrorRate float64 `json:"equal_error_rate"`
	TAR            []TAR   `json:"tar_at_far"`
	// Best is the threshold with the largest TAR - FAR on these pairs, the nearest of
	// several: it is chosen by what it is judged by.
	Best Decision `json:"best"`
	// Given is what Task.Threshold decides; nil where there was none.
	Given *Decision `json:"given,omitempty"`
}

// TAR is the share of positive pairs that is accepted where at most a share FAR of the
// negative ones is.
type TAR struct {
	FAR float64 `json:"far"`
	// TAR is nil where there are fewer than 1/FAR negative pairs: too few to tell.
	TAR *float64 `json:"tar"`
	// Threshold is that of TAR; nil where that is 0 or nil.
	Threshold *float64 `json:"threshold"`
}

// Decision is what a threshold decides.
type Decision struct {
	// Threshold is the largest distance that is accepted or, by cosine, the least
	// cosine.
	Threshold float64 `json:"threshold"`
	TAR       float64 `json:"tar"`
	FAR       float64 `json:"far"`
	// Accuracy is the share of all pairs that is decided right, and BalancedAccuracy the
	// mean of that of the positive and of the negative pairs: all pairs of a set are
	// nearly all negative, and refusing everything is then accurate.
	Accuracy         float64 `json:"accuracy"`
	BalancedAccuracy float64 `json:"balanced_accuracy"`
}

// ErrOneKind is what the error wraps where all pairs are positive, or all negative.
var ErrOneKind = errors.New("there is nothing to tell apart")

// Score scores t.
func (t Task) Score() (Scores, error) {
	pairs, err := t.source()
	if err != nil {
		return Scores{}, err
	}
	positives, negatives := pairs.size()
	if positives == 0 || negatives == 0 {
		return Scores{}, fmt.Errorf("verification: %d pairs of one class and %d of two: %w", positives, negatives, ErrOneKind)
	}
	c := newCurve(t, positives, negatives)
	s := stream{pairs: pairs, room: t.room, extra: c.given, progress: t.Progress}
	s.steps(c.step)
	return c.scores(), nil
}

func (t Task) source() (source, error) {
	if t.Dim < 1 || len(t.Embeddings)%t.Dim != 0 {
		return nil, fmt.Errorf("verification: %d numbers in embeddings of %d", len(t.Embeddings), t.Dim)
	}
	rows := len(t.Embeddings) / t.Dim
	for i, x := range t.Embeddings {
		if x-x != 0 {
			return nil, fmt.Errorf("verification: embedding %d has %g at place %d: want finite numbers", i/t.Dim, x, i%t.Dim)
		}
	}
	if t.Threshold != nil && math.IsNaN(*t.Threshold) {
		return nil, errors.New("verification: a threshold of NaN: give a number")
	}
	for _, far := range t.FARs {
		if !(far > 0 && far <= 1) {
			return nil, fmt.Errorf("verification: TAR at a FAR of %g: give rates above 0, up to 1", far)
		}
	}
	x, dim := t.Distance.Rows(t.Dim, t.Embeddings)
	if t.Pairs == nil {
		if len(t.Labels) != rows {
			return nil, fmt.Errorf("verification: %d labels for %d embeddings: give one for each", len(t.Labels), rows)
		}
		return newAllPairs(x[0], dim, t.Labels), nil
	}
	for i, p := range t.Pairs {
		if p.A < 0 || p.B < 0 || int(p.A) >= rows || int(p.B) >= rows {
			return nil, fmt.Errorf("verification: pair %d is of rows %d and %d, of %d", i, p.A, p.B, rows)
		}
	}
	return newListed(x[0], dim, t.Pairs), nil
}

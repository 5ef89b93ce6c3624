package record

import (
	"crossbatch/eval"
	"crossbatch/eval/verification"
	"crossbatch/xbm/pair"
)

// Evaluation is what a part of a run's data, or embeddings from files, scored: what
// EvaluationFile holds.
type Evaluation struct {
	Run             string `json:"run,omitempty"`        // the run's folder; "" for files
	Data            string `json:"data,omitempty"`       // spec of the data set that the run embedded
	Part            string `json:"part,omitempty"`       // of it
	Embeddings      string `json:"embeddings,omitempty"` // file; "" for a run
	QueryEmbeddings string `json:"query_embeddings,omitempty"`
	Seed            uint64 `json:"seed"` // of the resamples and the clustering
	eval.Evaluation
	Distance     string        `json:"distance,omitempty"` // where it is not Euclidean
	Draws        *eval.Draws   `json:"draws,omitempty"`
	Verification *Verification `json:"verification,omitempty"`
	PairWeights  *PairWeights  `json:"pair_weights,omitempty"`

	// Note says what is to be kept in mind, such as that the run was trained on this.
	Note string `json:"-"`
}

// Verification is how well pairs are told apart.
type Verification struct {
	verification.Scores
	// ThresholdFrom is the part of the data on which the threshold of Given was chosen;
	// "" where the caller gave the threshold.
	ThresholdFrom string `json:"threshold_from,omitempty"`
	// TrainedOn is how many of the images were trained on.
	TrainedOn int `json:"trained_on,omitempty"`
}

// PairWeights is how the losses of pairs weigh the pairs of the same embeddings, as
// though these were a batch.
type PairWeights struct {
	Rows    int          `json:"rows"`
	Classes int          `json:"classes"`
	Pairs   pair.Weights `json:"pairs"`  // with a weight of 1 each: how many there are
	Losses  []LossWeight `json:"losses"` // with their usual parameters
}

// LossWeight is the weights of one loss, |∂L/∂S|.
type LossWeight struct {
	Loss  string  `json:"loss"`
	Value float64 `json:"value"` // of the loss
	pair.Weights
}

// PairsEvaluation is how well the pairs of a list are told apart: what EvaluationFile
// holds of a list.
type PairsEvaluation struct {
	Run        string `json:"run,omitempty"` // as in Evaluation
	Data       string `json:"data,omitempty"`
	Embeddings string `json:"embeddings,omitempty"`
	Pairs      string `json:"pairs"` // file with the list
	Verification
}

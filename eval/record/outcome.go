package record

import (
	"crossbatch/eval"
	"crossbatch/eval/fewshot"
)

// Outcome is what a run came to, with what it cost: the final scores.
type Outcome struct {
	Run             string  `json:"run"`               // the run's folder
	Steps           int64   `json:"steps"`             // of training
	Seconds         float64 `json:"seconds"`           // of those steps
	ImagesPerSecond float64 `json:"images_per_second"` // in those steps
	Waiting         float64 `json:"waiting"`           // share of the seconds that went by until batches were ready

	BestStep   int64   `json:"best_step"`   // steps after which validation was best: that network was tested
	MemoryRows int     `json:"memory_rows"` // capacity of the memory
	FalsePairs float64 `json:"false_pairs"` // share of the memory's positive pairs that are two embeddings of one image
	// FalseNegatives is, of training without labels, how many older embeddings of its
	// own image an anchor left out on average.
	FalseNegatives float64 `json:"false_negatives,omitempty"`
	// SkippedBatches were left out, because of numbers that were not finite.
	SkippedBatches int64 `json:"skipped_batches,omitempty"`
	// Of the network after BestStep.
	Validation eval.Evaluation `json:"validation"`
	Test       eval.Evaluation `json:"test"`
	// Classifiers is what simple classifiers make of the test embeddings; nil where
	// there are too few.
	Classifiers *fewshot.Scores `json:"classifiers,omitempty"`

	TotalSeconds float64 `json:"total_seconds,omitempty"` // from the set in memory to the scores, with validation and test
	PeakMemory   uint64  `json:"peak_memory,omitempty"`   // of the process, in bytes; see PeakMemory

	Baseline  *Outcome   `json:"baseline,omitempty"`  // the same training without memory
	Baselines []Baseline `json:"baselines,omitempty"` // what needs no training
	// Features is the trained network without its head: of a training without labels,
	// or where the head is an MLP.
	Features *Baseline `json:"features,omitempty"`
}

// Baseline is what the test images come to by something else than the embedding.
type Baseline struct {
	Name        string          `json:"name"` // see RawPixels and so on
	Dim         int             `json:"dim"`  // numbers an image
	Test        eval.Scores     `json:"test"`
	Classifiers *fewshot.Scores `json:"classifiers,omitempty"`
	// Notes say what stands for what, where the whole would take too long.
	Notes []string `json:"notes,omitempty"`
}

// The baselines.
const (
	RawPixels           = "raw pixels"
	RawFeatures         = "raw features"
	PrincipalComponents = "principal components"
	UntrainedNetwork    = "untrained network"
	StartingNetwork     = "network at the start" // with weights from elsewhere
)

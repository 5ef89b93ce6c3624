package record

import "crossbatch/eval"

// Outcome is what a run came to, with what it cost: the final scores.
type Outcome struct {
	Run             string  `json:"run"`               // the run's folder
	Steps           int64   `json:"steps"`             // of training
	Seconds         float64 `json:"seconds"`           // of those steps
	ImagesPerSecond float64 `json:"images_per_second"` // in those steps
	Waiting         float64 `json:"waiting"`           // share of the seconds that went by until batches were ready

	BestStep   int64       `json:"best_step"`   // steps after which validation was best: that network was tested
	MemoryRows int         `json:"memory_rows"` // capacity of the memory
	FalsePairs float64     `json:"false_pairs"` // share of the memory's positive pairs that are two embeddings of one image
	Validation eval.Scores `json:"validation"`
	Test       eval.Scores `json:"test"`

	TotalSeconds float64 `json:"total_seconds,omitempty"` // from the set in memory to the scores, with validation and test
	PeakMemory   uint64  `json:"peak_memory,omitempty"`   // of the process, in bytes; see PeakMemory

	Baseline *Outcome `json:"baseline,omitempty"` // the same training without memory
}

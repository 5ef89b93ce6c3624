// Package record writes and reads run folders. A trainer writes one for each run;
// reports and other programs read it. A folder holds
//
//	config.yaml          the effective configuration, fit to be run again
//	run.json             the version of the folder, and what resuming takes
//	split.json           which classes were in which part, one a line
//	environment.json     what the run is made with and on
//	metrics.jsonl        a JSON object a line: every step, every validation
//	events.out.tfevents… the same for TensorBoard
//	scores.json          the final scores, and what they cost
//	weights.safetensors  the weights that were scored
//	embeddings.npy       the test embeddings, float32, n×dim
//	labels.npy           their labels, int32, n
//	neighbors.png        queries and their nearest neighbours
//	best-worst.png       those of the best and the worst queries
//	weights.png          how the weights of the pairs lie
//	checkpoints/         the state of the training, now and then
//
// All before the scores are there from the start. Every file but the metrics and the
// events is written beside its place and moved there when it is complete and on the
// disk, so that it is whole or not there. [Open], [Metrics] and [Find] read folders,
// also while a run goes on. One process at a time writes, see [Lock].
//
// Not here: what is in the files beyond their format, and how they look
// (eval/report).
package record

import (
	"bufio"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"crossbatch/eval/event"
)

// The files of a run.
const (
	ConfigFile      = "config.yaml"
	SplitFile       = "split.json"
	EnvironmentFile = "environment.json"
	MetricsFile     = "metrics.jsonl"
	ScoresFile      = "scores.json"
	WeightsFile     = "weights.safetensors"
	EmbeddingsFile  = "embeddings.npy"
	LabelsFile      = "labels.npy"
	NeighborsFile   = "neighbors.png"
	WeightsPicture  = "weights.png"
	ExtremesFile    = "best-worst.png"
	EvaluationFile  = "eval.json"  // of xbm eval, in a folder of its own or a run's
	IDsFile         = "ids.csv"    // of xbm embed, beside embeddings and labels
	UnreadFile      = "unread.txt" // of xbm embed: what could not be read, a line each

	CheckpointFolder = "checkpoints"
)

// files are all of them, the scores first: where they are, all is, so they are
// the first to go; and the configuration last: where it is, a run is.
func files() []string {
	return []string{ScoresFile, TrialFile, MetricsFile, EventsFile, WeightsFile, EmbeddingsFile, LabelsFile,
		NeighborsFile, ExtremesFile, WeightsPicture, SplitFile, EnvironmentFile, PlanFile, ConfigFile}
}

// Run is a run folder being written. Not safe for concurrent use.
type Run struct {
	Folder
	metrics File
	lines   *bufio.Writer
	size    int64  // of the metrics
	sum     uint32 // of the metrics, see Position
	events  *events
}

// Dir is the folder.
func (r *Run) Dir() string { return r.Path }

// Sync puts all that was written on the disk and returns how far it goes.
func (r *Run) Sync() (Position, error) {
	if err := errors.Join(r.lines.Flush(), r.metrics.Sync()); err != nil {
		return Position{}, fmt.Errorf("record: %s: %w", r.path(MetricsFile), advise(err))
	}
	if err := r.events.sync(); err != nil {
		return Position{}, fmt.Errorf("record: %s: %w", r.path(EventsFile), advise(err))
	}
	return Position{r.size, r.sum, r.events.size}, nil
}

// Metric appends an event to the metrics as one line of JSON, which is in the file when
// Metric returns, and its numbers to the events of TensorBoard.
func (r *Run) Metric(e event.Event) error {
	text, err := marshal(e)
	if err != nil {
		return fmt.Errorf("record: %s: %w", r.path(MetricsFile), err)
	}
	text = append(text, '\n')
	if _, err = r.lines.Write(text); err == nil {
		err = r.lines.Flush()
	}
	r.size += int64(len(text))
	r.sum = crc32.Update(r.sum, castagnoli(), text)
	if err != nil {
		return fmt.Errorf("record: %s: %w", r.path(MetricsFile), advise(err))
	}
	if err := r.events.add(e); err != nil {
		return fmt.Errorf("record: %s: %w", r.path(EventsFile), advise(err))
	}
	return nil
}

// Scores writes the final scores, any value that marshals to JSON.
func (r *Run) Scores(v any) error { return r.JSON(ScoresFile, v) }

// Embeddings writes embeddings (n×dim) and their labels as .npy files; without labels,
// the embeddings alone.
func (f Folder) Embeddings(embeddings []float32, dim int, labels []int32) error {
	if dim < 1 || len(embeddings)%dim != 0 || labels != nil && len(embeddings) != dim*len(labels) {
		return fmt.Errorf("record: %d numbers for %d labels and embeddings of %d", len(embeddings), len(labels), dim)
	}
	if err := f.Write(EmbeddingsFile, func(w io.Writer) error {
		return writeNPY(w, "<f4", []int{len(embeddings) / dim, dim}, embeddings)
	}); err != nil || labels == nil {
		return err
	}
	return f.Write(LabelsFile, func(w io.Writer) error { return writeNPY(w, "<i4", []int{len(labels)}, labels) })
}

// Close ends the metrics and the events.
func (r *Run) Close() error {
	if err := errors.Join(r.lines.Flush(), r.metrics.Sync(), r.metrics.Close()); err != nil {
		return errors.Join(fmt.Errorf("record: %s: %w", r.path(MetricsFile), err), r.events.close())
	}
	if err := r.events.close(); err != nil {
		return fmt.Errorf("record: %s: %w", r.path(EventsFile), err)
	}
	return nil
}

// Package record is the run folder: the file between running and looking. A
// folder holds
//
//	config.yaml          the effective configuration, fit to be run again
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
//
// All before the scores are there from the start. Every file but the metrics and
// the events is written beside its place and moved there when it is complete and
// on the disk, so that it is whole or not there. [Open], [Metrics] and [Find] read
// a folder, of a run that goes on too.
//
// Not here: what is in the files beyond their format, and how they look
// (eval/report).
package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.yaml.in/yaml/v3"
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
)

// files are all of them, the scores first: where they are, all is, so they are
// the first to go.
func files() []string {
	return []string{ScoresFile, MetricsFile, EventsFile, WeightsFile, EmbeddingsFile, LabelsFile,
		NeighborsFile, ExtremesFile, WeightsPicture, SplitFile, EnvironmentFile, ConfigFile}
}

// ErrExists says that a folder is already in use.
var ErrExists = errors.New("the folder is in use")

// Run is a run folder being written. Not safe for concurrent use.
type Run struct {
	dir     string
	metrics *os.File
	lines   *bufio.Writer
	events  *events
}

// Check returns an error that wraps ErrExists if Create would refuse dir. It
// changes nothing.
func Check(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("record: %w", err)
	case len(entries) == 0:
		return nil
	}
	_, err = os.Stat(filepath.Join(dir, ConfigFile))
	switch {
	case err != nil:
		return fmt.Errorf("record: %s: %w and holds no run: choose another folder", dir, ErrExists)
	case !force:
		return fmt.Errorf("record: %s: %w and holds a run: choose another folder, or --force to replace that run", dir, ErrExists)
	}
	return nil
}

// Create makes dir a run folder with this configuration, any value that
// marshals to YAML. A folder that holds something is refused, unless it is a run
// and force is given: then that run's files are removed, and no others.
func Create(dir string, config any, force bool) (*Run, error) {
	if err := Check(dir, force); err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("record: configuration: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	for _, name := range files() {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("record: %w", err)
		}
	}
	r := &Run{dir: dir}
	if err := r.Write(ConfigFile, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return nil, err
	}
	if r.metrics, err = os.Create(filepath.Join(dir, MetricsFile)); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	r.lines = bufio.NewWriter(r.metrics)
	if r.events, err = createEvents(filepath.Join(dir, EventsFile), time.Now); err != nil {
		return nil, errors.Join(fmt.Errorf("record: %w", err), r.metrics.Close())
	}
	return r, nil
}

// Dir is the folder.
func (r *Run) Dir() string { return r.dir }

// Metric appends a value to the metrics as one line of JSON, which is in the
// file when Metric returns, and its numbers to the events. One that could not be
// read back as a [Line] is refused.
func (r *Run) Metric(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("record: %s: %w", r.path(MetricsFile), err)
	}
	var line Line
	if err := json.Unmarshal(text, &line); err != nil {
		return fmt.Errorf("record: %s: %s is no line of metrics: %w", r.path(MetricsFile), text, err)
	}
	if _, err = r.lines.Write(append(text, '\n')); err == nil {
		err = r.lines.Flush()
	}
	if err != nil {
		return fmt.Errorf("record: %s: %w", r.path(MetricsFile), advise(err))
	}
	if err := r.events.add(&line); err != nil {
		return fmt.Errorf("record: %s: %w", r.path(EventsFile), advise(err))
	}
	return nil
}

// Scores writes the final scores, any value that marshals to JSON.
func (r *Run) Scores(v any) error { return r.writeJSON(ScoresFile, v) }

// Embeddings writes embeddings (n×dim) and their labels as .npy files.
func (r *Run) Embeddings(embeddings []float32, dim int, labels []int32) error {
	return WriteEmbeddings(r.dir, embeddings, dim, labels)
}

// WriteEmbeddings writes embeddings (n×dim) and their labels as .npy files to a
// folder that is there, each whole or not at all.
func WriteEmbeddings(dir string, embeddings []float32, dim int, labels []int32) error {
	if len(embeddings) != dim*len(labels) {
		return fmt.Errorf("record: %d numbers for %d labels and embeddings of %d", len(embeddings), len(labels), dim)
	}
	if err := Write(dir, EmbeddingsFile, func(w io.Writer) error {
		return writeNPY(w, "<f4", []int{len(labels), dim}, embeddings)
	}); err != nil {
		return err
	}
	return Write(dir, LabelsFile, func(w io.Writer) error { return writeNPY(w, "<i4", []int{len(labels)}, labels) })
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

func (r *Run) path(name string) string { return filepath.Join(r.dir, name) }

// Write makes the file name in the folder out of what write writes: all of it,
// or after an error nothing, and what was there before stays.
func (r *Run) Write(name string, write func(io.Writer) error) error { return Write(r.dir, name, write) }

// Write is [WriteFile] for a file of a folder, with an error that says what to do.
func Write(dir, name string, write func(io.Writer) error) error {
	path := filepath.Join(dir, name)
	if err := WriteFile(path, write); err != nil {
		return fmt.Errorf("record: %s was not written: %w", path, advise(err))
	}
	return nil
}

// advise says what to do about an error where that is known.
func advise(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fmt.Errorf("%w: make room, or choose a folder on another disk, and run again", err)
	}
	return err
}

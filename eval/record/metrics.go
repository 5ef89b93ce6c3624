package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"crossbatch/eval"
	"crossbatch/eval/drift"
)

// Line is one line of the metrics as it is read back. A line is of one kind, and
// what other kinds have is nil in it: a step of the training, a look at the
// validation classes, one at the weights of pairs, one at the drift, or word of a
// network that has collapsed.
type Line struct {
	Step int64 `json:"step"` // from 0; of a validation: steps done

	LR     *float64 `json:"lr"`
	Batch  *Term    `json:"batch"`
	Memory *Term    `json:"memory"`
	Rows   int      `json:"memory_rows"`

	Skipped   string   `json:"skipped"`   // why the step's batch was left out
	Collapsed *float64 `json:"collapsed"` // 1 minus the mean similarity of embeddings that are all alike

	Validation *eval.Scores `json:"validation"`
	Best       bool         `json:"best"`

	BatchWeights  *Weights `json:"batch_weights"`
	MemoryWeights *Weights `json:"memory_weights"`
	FromMemory    *float64 `json:"from_memory"` // share of the gradient, from 0 to 1

	Drift          []Drift          `json:"drift"`
	MemoryError    []drift.AgeError `json:"memory_error"`    // of the memory's rows, against what the network would make of their images now
	GradientError  *float64         `json:"gradient_error"`  // of the memory term, against a memory embedded anew
	GradientCosine *float64         `json:"gradient_cosine"` // between the two
}

// Term is one term of the loss at one step.
type Term struct {
	Loss            float64 `json:"loss"`
	Gradient        float64 `json:"gradient"` // length of its part of ∂L/∂embeddings
	Positives       int     `json:"positives"`
	ActivePositives int     `json:"active_positives"`
	Negatives       int     `json:"negatives"`
	ActiveNegatives int     `json:"active_negatives"`
	Copies          int     `json:"copies"`
}

// Weights are sums of |w| over pairs, w = ∂L/∂S.
type Weights struct {
	Positives          []float64 `json:"positives"` // by similarity, in equal bins from -1 to 1
	Negatives          []float64 `json:"negatives"`
	Ages               []float64 `json:"ages"` // by age: 0 steps, 1, 2-3, 4-7 and so on
	OldShare           float64   `json:"old_share"`
	EffectiveNegatives float64   `json:"effective_negatives"`
}

// Drift is how far the probe's embeddings moved over Delta steps: the mean
// squared change.
type Drift struct {
	Delta int64   `json:"delta"`
	Value float64 `json:"value"`
}

// Metrics reads the metrics of the run folder dir, a line at a time. A last line
// that is cut short, as a killed run leaves it, is passed over; any other that
// is no line of metrics is an error, after which nothing comes.
func Metrics(dir string) iter.Seq2[Line, error] {
	path := filepath.Join(dir, MetricsFile)
	return func(yield func(Line, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(Line{}, fmt.Errorf("record: %w", err))
			return
		}
		defer func() { _ = f.Close() }() // only read
		lines := bufio.NewReader(f)
		for n := 1; ; n++ {
			text, err := readLine(lines)
			whole := err == nil
			if err != nil && !errors.Is(err, io.EOF) {
				yield(Line{}, fmt.Errorf("record: %s: line %d: %w", path, n, err))
				return
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				var l Line
				if err := json.Unmarshal(text, &l); err == nil {
					if !yield(l, nil) {
						return
					}
				} else if whole {
					yield(Line{}, fmt.Errorf("record: %s: line %d is damaged: %w", path, n, err))
					return
				}
			}
			if !whole {
				return
			}
		}
	}
}

// readLine reads up to the end of a line, which has at most MaxText bytes, or of
// the file: then the error is io.EOF.
func readLine(r *bufio.Reader) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > MaxText {
			return nil, fmt.Errorf("it has more than %d bytes, which no line of metrics has", MaxText)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

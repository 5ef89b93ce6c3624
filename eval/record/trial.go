package record

import (
	"fmt"
	"io"
	"math"
	"path/filepath"

	"crossbatch/eval"
)

// TrialFile holds what a trial came to: a run that chooses settings and has not
// seen the test classes, so that it has no scores. Where the file is, the trial is
// complete.
const TrialFile = "trial.json"

// TuneFolder is the folder within a run's that holds the trials of a search for
// its settings, and ChosenFile in it what the search chose, key by key.
const (
	TuneFolder = "tune"
	ChosenFile = "chosen.json"
)

// WriteChosen writes what the search for the settings of the run in dir chose.
func WriteChosen(dir string, settings map[string]string) error {
	if err := (OS{}).MkdirAll(filepath.Join(dir, TuneFolder)); err != nil {
		return fmt.Errorf("record: %w", advise(err))
	}
	return writeIndented(filepath.Join(dir, TuneFolder, ChosenFile), settings)
}

// Trial is what a trial came to.
type Trial struct {
	Steps      int64       `json:"steps"`     // of training
	Seconds    float64     `json:"seconds"`   // of those steps
	BestStep   int64       `json:"best_step"` // steps after which validation was best
	Validation eval.Scores `json:"validation"`
	// Diverged is the error of a training that could not go on; then there is
	// nothing else.
	Diverged string `json:"diverged,omitempty"`
}

// Score is what trials are compared by: MAP@R on the validation classes, NaN where
// the training diverged.
func (t Trial) Score() float64 {
	if t.Diverged != "" {
		return math.NaN()
	}
	return t.Validation.MAPAtR
}

// WriteTrial completes the trial in the folder dir.
func WriteTrial(dir string, t Trial) error { return writeIndented(filepath.Join(dir, TrialFile), t) }

func writeIndented(path string, v any) error {
	err := WriteFile(path, func(w io.Writer) error { return EncodeJSON(w, v, "  ") })
	if err != nil {
		return fmt.Errorf("record: %s was not written: %w", path, advise(err))
	}
	return nil
}

// ReadTrial reads what the trial in dir came to, nil where it is not complete.
func ReadTrial(dir string) (*Trial, error) {
	path := filepath.Join(dir, TrialFile)
	var t Trial
	switch ok, err := readJSON(path, &t); {
	case err != nil:
		return nil, fmt.Errorf("record: %s is damaged: %w", path, err)
	case !ok:
		return nil, nil
	}
	return &t, nil
}

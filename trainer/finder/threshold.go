package finder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"crossbatch/eval"
	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/eval/verification"
	"crossbatch/trainer/run"
)

// thresholdFile is in the folder of an index's network.
const thresholdFile = "threshold.json"

// Threshold is the least similarity at which two pictures are taken to be of one class, as the
// validation classes of the network's run chose it.
type Threshold struct {
	Encoder string `json:"encoder"` // hash of the network
	verification.Decision
}

// Text is the threshold, with what it accepts, in a line.
func (t Threshold) Text() string {
	return fmt.Sprintf("a similarity of %.4f or more: accepts %.1f %% of the validation pairs of one class and %.2f %% of those of two\n", t.Threshold, 100*t.TAR, 100*t.FAR)
}

// ErrNoThreshold says that none was chosen for an index.
var ErrNoThreshold = errors.New("no threshold was chosen")

// ChooseThreshold chooses the threshold with the largest difference between the shares of right
// and of wrong pairs that it accepts, on the validation classes of the run that m opened, and keeps
// it in the index in dir, whose network must be that of e.
func (e *Encoder) ChooseThreshold(ctx context.Context, m *run.Model, dir string) (Threshold, error) {
	x, err := index.Open(dir)
	if err != nil {
		return Threshold{}, err
	}
	if err := errors.Join(x.Encoder().Accepts(e.identity), x.Close()); err != nil {
		return Threshold{}, err
	}
	v, err := m.Verify(ctx, run.PartValidation, verification.Task{Distance: eval.Cosine})
	if err != nil {
		return Threshold{}, err
	}
	t := Threshold{e.identity.Hash, v.Best}
	err = record.Folder{Path: Folder(dir)}.Write(thresholdFile, func(w io.Writer) error { return json.NewEncoder(w).Encode(t) })
	return t, err
}

// ReadThreshold reads what ChooseThreshold kept in the index in dir. The error wraps
// ErrNoThreshold where it has not.
func ReadThreshold(dir string, of index.Encoder) (t Threshold, err error) {
	b, err := os.ReadFile(filepath.Join(Folder(dir), thresholdFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return t, fmt.Errorf("%w for %s: xbm index threshold %s RUN chooses one", ErrNoThreshold, dir, dir)
	case err != nil:
		return t, fmt.Errorf("finder: %w", err)
	}
	if err := json.Unmarshal(b, &t); err != nil {
		return t, fmt.Errorf("finder: %s is damaged: %w", thresholdFile, err)
	}
	if t.Encoder != of.Hash {
		return t, fmt.Errorf("%w for the network of %s: the one that is kept is another's", ErrNoThreshold, dir)
	}
	return t, nil
}

// Least reads the least similarity that is asked of what is found in x: a number from -1 to 1,
// "validation" for what ChooseThreshold kept, or "" for what it is otherwise.
func Least(text string, x *index.Index, otherwise float64) (float64, error) {
	switch text {
	case "":
		return otherwise, nil
	case run.PartValidation:
		t, err := ReadThreshold(x.Dir(), x.Encoder())
		return t.Threshold, err
	}
	least, err := strconv.ParseFloat(text, 64)
	if err != nil || !(least >= -1 && least <= 1) {
		return 0, fmt.Errorf("--threshold is %q: give the least similarity, -1 to 1, or %s", text, run.PartValidation)
	}
	return least, nil
}

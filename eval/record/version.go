package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// Version is that of the run folders that are written. It rises when programs of
// the version before would misread one. Folders without a version are older.
const Version = 1

// PlanFile holds the version of the folder, and what resuming the run takes beyond
// its configuration.
const PlanFile = "run.json"

// ErrVersion says that a folder is of a version that this program does not know.
var ErrVersion = errors.New("the folder is of a later version")

type planFile struct {
	Version int             `json:"version"`
	Plan    json.RawMessage `json:"plan,omitempty"`
}

// Plan reads what [Options] gave as the plan of the run in dir into plan, which
// stays as it is where there was none, as in folders of older versions; nil reads
// none. The error wraps ErrVersion where the folder is of a later version.
func Plan(dir string, plan any) error {
	path := filepath.Join(dir, PlanFile)
	text, err := ReadText(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("record: %w", err)
	}
	var f planFile
	if err := ParseJSON(text, &f); err != nil {
		return fmt.Errorf("record: %s is damaged: %w", path, err)
	}
	switch {
	case f.Version > Version:
		return fmt.Errorf("record: %s: version %d, and this program knows up to %d: use the program that made it: %w", path, f.Version, Version, ErrVersion)
	case f.Version < 1:
		return fmt.Errorf("record: %s is damaged: version %d", path, f.Version)
	case f.Plan == nil || plan == nil:
		return nil
	}
	if err := json.Unmarshal(f.Plan, plan); err != nil {
		return fmt.Errorf("record: %s is damaged: plan: %w", path, err)
	}
	return nil
}

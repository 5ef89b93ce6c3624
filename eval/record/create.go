package record

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// ErrExists says that a folder is already in use.
var ErrExists = errors.New("the folder is in use")

// Options say how a run folder is made. The zero value is ready.
type Options struct {
	Force bool // replace a run that is there
	Plan  any  // what resuming the run takes, as JSON; nil: nothing
	FS    FS   // where the folder lies; nil: OS
}

// Check returns an error that wraps ErrExists if Create would refuse dir. It
// changes nothing.
func Check(dir string, force bool) error {
	names, err := Folder{Path: dir}.List()
	if err != nil {
		return err
	}
	switch {
	case !slices.ContainsFunc(names, func(name string) bool { return !isTrace(name) }):
		return nil
	case !slices.Contains(names, ConfigFile):
		return fmt.Errorf("record: %s: %w and holds no run: choose another folder", dir, ErrExists)
	case !force:
		return fmt.Errorf("record: %s: %w and holds a run: choose another folder, or --force to replace that run", dir, ErrExists)
	}
	return nil
}

// isTrace tells whether a file may be left by a run that had not begun.
func isTrace(name string) bool {
	return name == LockFile || name == PlanFile || strings.HasPrefix(name, tempPrefix)
}

// Create makes dir a run folder with this configuration, any value that
// marshals to YAML. A folder that holds something is refused, unless it is a run
// and Force is given: then that run's files are removed, and no others.
func Create(dir string, config any, o Options) (*Run, error) {
	if err := Check(dir, o.Force); err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("record: configuration: %w", err)
	}
	plan := planFile{Version: Version}
	if o.Plan != nil {
		if plan.Plan, err = json.Marshal(o.Plan); err != nil {
			return nil, fmt.Errorf("record: plan: %w", err)
		}
	}
	r := &Run{Folder: Folder{dir, o.FS}}
	if err := r.clear(); err != nil {
		return nil, err
	}
	if err := r.JSON(PlanFile, plan); err != nil {
		return nil, err
	}
	if err := r.writeText(ConfigFile, text); err != nil {
		return nil, err
	}
	return r, r.begin(Position{})
}

// Config replaces the configuration: for a key that a run was resumed with.
func (r *Run) Config(config any) error {
	text, err := yaml.Marshal(config)
	if err != nil {
		return fmt.Errorf("record: configuration: %w", err)
	}
	return r.writeText(ConfigFile, text)
}

func (r *Run) writeText(name string, text []byte) error {
	return r.Write(name, func(w io.Writer) error { _, err := w.Write(text); return err })
}

// clear removes the files of a run that was there.
func (r *Run) clear() error {
	checkpoints := r.Sub(CheckpointFolder)
	names, err := checkpoints.List()
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".checkpoint") {
			if err := checkpoints.Remove(name); err != nil {
				return err
			}
		}
	}
	for _, name := range files() {
		if err := r.Remove(name); err != nil {
			return err
		}
	}
	return errors.Join(r.clean(), checkpoints.clean())
}

// begin opens the files that grow, cut off at a position.
func (r *Run) begin(at Position) (err error) {
	if r.metrics, err = r.fs().Append(r.path(MetricsFile), at.Metrics); err != nil {
		return fmt.Errorf("record: %w", advise(err))
	}
	r.lines, r.size, r.sum = bufio.NewWriter(r.metrics), at.Metrics, at.Sum
	file, err := r.fs().Append(r.path(EventsFile), at.Events)
	if err == nil {
		r.events, err = newEvents(file, at.Events, time.Now)
	}
	if err == nil {
		err = r.fs().SyncDir(r.Path)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("record: %w", advise(err)), r.metrics.Close())
	}
	return nil
}

// Resume goes on with the run in dir where it was at a position, which must be one
// of its own, see [Position.Check]: what was written after it is cut off.
func Resume(dir string, at Position, o Options) (*Run, error) {
	r := &Run{Folder: Folder{dir, o.FS}}
	if err := errors.Join(r.clean(), r.Sub(CheckpointFolder).clean()); err != nil {
		return nil, err
	}
	// Events that are fewer than there were are begun anew.
	if info, err := os.Stat(r.path(EventsFile)); err != nil || info.Size() < at.Events {
		at.Events = 0
	}
	return r, r.begin(at)
}

package record

import (
	"time"

	"crossbatch/eval/event"
)

// State is how far a run has come.
type State string

// The states of a run.
const (
	Complete State = "complete"
	Running  State = "running" // a process is at work in its folder
	Stopped  State = "stopped" // before its end: it can go on
	Damaged  State = "damaged" // a file of it cannot be read
)

// Summary is what a run folder says of its run at a glance.
type Summary struct {
	Run     string         `json:"run"` // the folder
	State   State          `json:"state"`
	Steps   int64          `json:"steps"` // done
	Config  map[string]any `json:"config,omitempty"`
	Recall  *float64       `json:"recall_at_1,omitempty"` // of the test classes, a share; nil: not complete
	MAPAtR  *float64       `json:"map_at_r,omitempty"`
	Started *time.Time     `json:"started,omitempty"`
	Trouble string         `json:"trouble,omitempty"` // what is damaged
}

// Summaries are those of the runs at and below root, in the order of [Find]. A damaged
// run is among them, and no error.
func Summaries(root string) ([]Summary, error) {
	found, err := Find(root)
	if err != nil {
		return nil, err
	}
	all := make([]Summary, 0, len(found))
	for _, dir := range found {
		all = append(all, Summarize(dir))
	}
	return all, nil
}

// Summarize is the summary of the run in the folder dir.
func Summarize(dir string) Summary {
	r := Summary{Run: dir, State: Complete}
	s, err := Open(dir)
	if err != nil {
		r.State, r.Trouble = Damaged, err.Error()
		return r
	}
	r.Config = s.Config
	if s.Environment != nil && !s.Environment.Started.IsZero() {
		r.Started = &s.Environment.Started
	}
	if o := s.Outcome; o != nil {
		recall, _ := o.Test.Recall.At(1)
		r.Steps, r.Recall, r.MAPAtR = o.Steps, &recall, &o.Test.MAPAtR
		return r
	}
	r.State = Stopped
	if Busy(dir) {
		r.State = Running
	}
	for e, err := range Metrics(dir) {
		if err != nil {
			r.State, r.Trouble = Damaged, err.Error()
			break
		}
		if step, ok := e.(event.Step); ok {
			r.Steps = step.Step + 1
		}
	}
	return r
}

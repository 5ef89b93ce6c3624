package study

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"crossbatch/trainer/study/claim"
)

// Status is the state of the cells of a study.
type Status struct {
	Study    string       `json:"study"` // the folder
	Complete int          `json:"complete"`
	AtWork   int          `json:"at_work"`
	Failed   int          `json:"failed"`
	Images   int64        `json:"images"`  // that complete and running cells have trained on
	Of       int64        `json:"of"`      // that all cells train on at most
	Planned  bool         `json:"planned"` // there is a plan: the cells can be made one by one
	Cells    []CellStatus `json:"cells"`
}

// CellStatus is the state of one cell.
type CellStatus struct {
	Cell   int    `json:"cell"` // its number, from 1
	Stage  string `json:"stage"`
	Run    string `json:"run"`             // its folder in the study's
	State  string `json:"state"`           // complete, at work, silent, stopped, failed, missing or waiting
	Owner  string `json:"owner,omitempty"` // process that works on it, or did last
	Images int64  `json:"images"`          // trained on so far
	Of     int64  `json:"of"`              // at most, in the whole cell
	Says   string `json:"says,omitempty"`  // its result, or why it failed
}

// ReadStatus returns the state of the cells of the study in the runner's folder. It changes
// nothing.
func (r *Runner) ReadStatus() (Status, error) {
	s, err := Begun(r.Dir)
	if err != nil {
		return Status{}, err
	}
	l, err := r.layOut(s)
	if err != nil {
		return Status{}, err
	}
	return r.status(l)
}

func (r *Runner) status(l layout) (Status, error) {
	st := Status{Study: r.Dir}
	l, err := r.known(l)
	if err != nil {
		return st, err
	}
	if _, err := readPlan(r.Dir); err == nil {
		st.Planned = true
	}
	now := r.claims().Now()
	waiting := false // for cells of earlier stages
	for _, stage := range l.stages {
		complete := 0
		for _, o := range stage.runs {
			c, err := r.cellStatus(o, stage, now)
			if err != nil {
				return st, err
			}
			c.Cell = len(st.Cells) + 1
			switch c.State {
			case "complete":
				complete++
			case "at work":
				st.AtWork++
			case "failed":
				st.Failed++
			case "missing":
				if waiting {
					c.State = "waiting"
				}
			}
			st.Images, st.Of = st.Images+c.Images, st.Of+c.Of
			st.Cells = append(st.Cells, c)
		}
		st.Complete += complete
		waiting = waiting || complete < len(stage.runs)
	}
	return st, nil
}

func (r *Runner) cellStatus(o oneRun, stage stage, now time.Time) (CellStatus, error) {
	c := CellStatus{Stage: stage.name, Run: o.name, Of: o.images()}
	s, err := r.claims().Look(o.name)
	if err != nil {
		return c, err
	}
	if c.Images = min(s.Amount, c.Of); s.Generation > 0 {
		c.Owner = s.Owner.String()
	}
	done, err := r.isDone(o)
	if err != nil {
		return c, err
	}
	switch {
	case done:
		c.State, c.Images = "complete", c.Of
		c.Says, err = stage.result(o)
	case s.Silent(r.claims(), now):
		c.State, c.Says = "silent", "no sign of life since "+now.Sub(s.Written).Round(time.Second).String()+": others may take it over"
	case s.Word == claim.Held:
		c.State = "at work"
	case s.Word == claim.Failed:
		c.State, c.Says = "failed", s.Reason
	case s.Generation > 0:
		c.State = "stopped"
	default:
		c.State = "missing"
	}
	return c, err
}

// Text returns the status as a table.
func (s Status) Text() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "cell\tstate\tdone\trun\tby\t")
	for _, c := range s.Cells {
		done := ""
		if c.Of > 0 && c.Images > 0 {
			done = fmt.Sprintf("%d %%", 100*c.Images/c.Of)
		}
		says := strings.ReplaceAll(c.Says, "\n", " ")
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", c.Cell, c.State, done, c.Run, cmp.Or(c.Owner, "-"), says)
	}
	_ = t.Flush() // to memory
	fmt.Fprintf(&b, "\n%d of %d runs are complete, %d at work, %d failed.\n", s.Complete, len(s.Cells), s.AtWork, s.Failed)
	if !s.Planned {
		b.WriteString("There is no plan: the cells cannot be made one by one.\n")
	}
	return b.String()
}

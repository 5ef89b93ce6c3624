package study

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
	"crossbatch/trainer/run"
	"crossbatch/trainer/study/claim"
)

// request is what a study asks of the process of one cell, as one line of JSON on its
// standard input.
type request struct {
	Title     string
	Name      string       // of the cell, by which it is claimed
	Claims    claim.Folder // of the study
	Silent    int          // owner of the cell that was seen to give no sign of life, see claim.Watch
	Alone     bool         // nobody watches other owners for this process
	Data      string       // fingerprint that the data must have; "": any
	Dir       string       // of the cell
	Config    string       // trainer.Config as YAML
	Loading   run.Loading
	Keep      run.Keep
	Search    Search   // before the run
	Trial     bool     // the run is a trial itself: it must not see the test classes
	Baselines bool     // score what needs no training too
	Measure   int      // only measure, over so many steps; 0: make the run
	Command   []string // line that the study was begun with
}

// event is what the process tells the study, a line of JSON on its standard output.
// Errors go where every command's go.
type event struct {
	Images int64     `json:",omitempty"` // trained on so far
	Cost   *run.Cost `json:",omitempty"` // what was measured
	// Held says that another process has the cell, and nothing was done.
	Held *claim.HeldError `json:",omitempty"`
}

// tellEvery is how often a cell tells how far it is.
const tellEvery = 200 * time.Millisecond

// ErrNoRequest is wrapped by the error of [ServeCell] when its input holds no request.
var ErrNoRequest = errors.New("there is no request")

// ServeCell makes one run at the request of a study in another process. It is what the process
// of Runner.Cell does: it reads the request from in, its standard input, and writes the
// progress to out, its standard output. The study keeps in open until the process has ended.
// If in ends earlier, the study is gone: then orphaned is called, on another goroutine, and
// should end the process at once. The session s makes the run.
func ServeCell(ctx context.Context, in io.Reader, out io.Writer, s *run.Session, orphaned func()) error {
	lines := bufio.NewReader(in)
	var r request
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		return fmt.Errorf("cell: %w", ErrNoRequest)
	}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // until the study is gone
		orphaned()
	}()
	e := json.NewEncoder(out)
	return r.serve(ctx, s, func(told event) error { return e.Encode(told) })
}

// serve does what is requested.
func (r request) serve(ctx context.Context, s *run.Session, tell func(event) error) error {
	var config trainer.Config
	if err := yaml.Unmarshal([]byte(r.Config), &config); err != nil {
		return fmt.Errorf("cell: %w", err)
	}
	s.Loading, s.Command = r.Loading, r.Command
	if r.Measure > 0 {
		cost, err := s.Measure(config, r.Measure)
		if err != nil {
			return err
		}
		return tell(event{Cost: &cost})
	}
	cell := cellRun{request: r, session: s}
	var told time.Time
	show := s.Progress.Step
	s.Progress.Step = func(p trainer.Progress) {
		if show != nil {
			show(p)
		}
		if now := time.Now(); now.Sub(told) >= tellEvery {
			told = now
			images := cell.before + p.Images
			cell.claim.Amount(images)
			_ = tell(event{Images: images}) // nobody listens: the process is about to end
		}
	}
	err := cell.make(ctx, config)
	if held := (*claim.HeldError)(nil); errors.As(err, &held) {
		return tell(event{Held: held})
	}
	return err
}

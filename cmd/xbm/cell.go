package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
	"crossbatch/trainer/ablation"
	"crossbatch/trainer/run"
)

// cellRequest is what a study asks of the process of one cell, as one line of JSON
// on its standard input.
type cellRequest struct {
	Title      string
	Dir        string // of the cell
	Config     string // trainer.Config as YAML
	Data       run.Loading
	Keep       run.Keep
	Search     ablation.Search // before the run
	Trial      bool            // the run is a trial itself: it must not see the test classes
	Yardsticks bool            // score what needs no training too
	Measure    int             // only measure, over so many steps; 0: make the run
	Command    []string        // line that the study was begun with
}

// cellEvent is what the process tells the study, a line of JSON on its standard
// output. Errors go where every command's go.
type cellEvent struct {
	Images int64     `json:",omitempty"` // trained on so far
	Cost   *run.Cost `json:",omitempty"` // what was measured
}

// exitOrphan is the exit code of a cell whose study is gone.
const exitOrphan = 3

// tellEvery is how often a cell tells how far it is.
const tellEvery = 200 * time.Millisecond

// cellCommand is the process of one cell of a study. The study holds the standard
// input open until the process has ended: should it end before, so has the study,
// in whatever way, and the process ends at once.
func cellCommand() *cli.Command {
	return &cli.Command{
		Name:   "cell",
		Usage:  "make one run of a study, as the study asks for it on standard input",
		Hidden: true,
		Action: cell,
	}
}

func cell(c *cli.Context) error {
	in := bufio.NewReader(c.App.Reader)
	var request cellRequest
	line, err := in.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &request)
	}
	if err != nil {
		return errors.New("cell: there is no request on standard input: this is a part of xbm ablate, see xbm ablate --help")
	}
	go func() {
		_, _ = io.Copy(io.Discard, in) // until the study is gone
		os.Exit(exitOrphan)
	}()
	var config trainer.Config
	if err := yaml.Unmarshal([]byte(request.Config), &config); err != nil {
		return fmt.Errorf("cell: %w", err)
	}
	out := json.NewEncoder(c.App.Writer)
	session := newConsole(c.App.ErrWriter).session(request.Data)
	session.Command = request.Command
	if request.Measure > 0 {
		cost, err := session.Measure(config, request.Measure)
		if err != nil {
			return err
		}
		return out.Encode(cellEvent{Cost: &cost})
	}
	cell := cellRun{cellRequest: request, session: session}
	var told time.Time
	show := session.Progress.Step
	session.Progress.Step = func(p trainer.Progress) {
		show(p)
		if now := time.Now(); now.Sub(told) >= tellEvery {
			told = now
			_ = out.Encode(cellEvent{Images: cell.before + p.Images}) // nobody listens: the process is about to end
		}
	}
	return cell.make(c.Context, config)
}

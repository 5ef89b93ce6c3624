package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/event"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
)

// runsFolder is where runs lie unless they are told to lie elsewhere.
const runsFolder = "runs"

func runsCommand() *cli.Command {
	asJSON := &cli.BoolFlag{Name: "json", Usage: "print one JSON object, and nothing else, on standard output"}
	return &cli.Command{
		Name:  "runs",
		Usage: "list, compare and delete runs",
		Subcommands: []*cli.Command{
			{
				Name: "list", Usage: "the runs at and below a folder", ArgsUsage: "[DIR]",
				Description: "Lists every run at and below DIR (default: " + runsFolder + "), with its scores on the test classes in percent.",
				Flags:       []cli.Flag{asJSON},
				Action:      listRuns,
			},
			{
				Name: "compare", Usage: "what differs between two runs, and what came of it", ArgsUsage: "A B",
				Description: "Prints which settings differ and by how much the scores do. A and B are folders of a run, or of\n" +
					"several that differ in their seeds alone: then runs of one seed are paired, and the difference\n" +
					"has a 95 % interval (Student's t). Of single runs the 95 % bounds over resamples of the queries\n" +
					"are given, where the runs have them.",
				Flags:  []cli.Flag{asJSON},
				Action: compareRuns,
			},
			{
				Name: "delete", Usage: "remove runs", ArgsUsage: "RUN…",
				Description: "Removes the files of each RUN, with the runs within it, and its folder, unless that holds other\n" +
					"files too: those stay. A folder that holds no run of its own is refused, and so is a run that\n" +
					"is going on. Asks first, unless --yes is given.",
				Flags:  []cli.Flag{&cli.BoolFlag{Name: "yes", Usage: "do not ask"}, asJSON},
				Action: deleteRuns,
			},
		},
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("there is no command %q: see xbm runs --help", c.Args().First())
			}
			return cli.ShowSubcommandHelp(c)
		},
	}
}

// listedRun is a run as it is listed.
type listedRun struct {
	Run      string         `json:"run"`
	State    string         `json:"state"` // complete, running, stopped or damaged
	Steps    int64          `json:"steps"` // done
	Config   map[string]any `json:"config,omitempty"`
	Recall   *float64       `json:"recall_at_1,omitempty"`
	MAPAtR   *float64       `json:"map_at_r,omitempty"`
	Started  *time.Time     `json:"started,omitempty"`
	Trouble  string         `json:"trouble,omitempty"` // what is damaged
	setSteps string
}

// The states of a run.
const (
	complete   = "complete"
	running    = "running"
	unfinished = "stopped"
	damaged    = "damaged"
)

func listRuns(c *cli.Context) error {
	if c.Args().Len() > 1 {
		return fmt.Errorf("%q is not expected: give one folder", c.Args().Get(1))
	}
	dir := c.Args().First()
	if dir == "" {
		dir = runsFolder
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return fmt.Errorf("there is no folder %s here: xbm train makes it, or give another", dir)
		}
	}
	found, err := record.Find(dir)
	if err != nil {
		return err
	}
	runs := make([]listedRun, 0, len(found))
	for _, path := range found {
		runs = append(runs, lookAt(path))
	}
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, map[string]any{"runs": runs}, "")
	}
	if len(runs) == 0 {
		_, err := fmt.Fprintf(c.App.Writer, "there are no runs in %s\n", dir)
		return err
	}
	lines := [][]string{{"run", "data", "loss", "memory", "batch", "seed", "steps", "recall@1", "MAP@R", "started", "state"}}
	var troubles strings.Builder
	for _, r := range runs {
		lines = append(lines, r.line())
		if r.Trouble != "" {
			troubles.WriteString("\n" + strings.ReplaceAll(r.Trouble, "\n", " "))
		}
	}
	_, err = io.WriteString(c.App.Writer, strings.TrimSuffix(report.Align(lines)+troubles.String(), "\n")+"\n")
	return err
}

// lookAt is what a folder says of its run; what cannot be read is trouble, not an
// error, so that the others are listed.
func lookAt(path string) listedRun {
	r := listedRun{Run: path, State: complete}
	s, err := record.Open(path)
	if err != nil {
		r.State, r.Trouble = damaged, err.Error()
		return r
	}
	r.Config, r.setSteps = s.Config, fmt.Sprint(s.Config["steps"])
	if s.Environment != nil && !s.Environment.Started.IsZero() {
		r.Started = &s.Environment.Started
	}
	if o := s.Outcome; o != nil {
		recall, _ := o.Test.Recall.At(1)
		r.Steps, r.Recall, r.MAPAtR = o.Steps, &recall, &o.Test.MAPAtR
		return r
	}
	r.State = unfinished
	if record.Busy(path) {
		r.State = running
	}
	for e, err := range record.Metrics(path) {
		if err != nil {
			r.State, r.Trouble = damaged, err.Error()
			break
		}
		if step, ok := e.(event.Step); ok {
			r.Steps = step.Step + 1
		}
	}
	return r
}

func (r listedRun) line() []string {
	value := func(key string) string {
		if v, ok := r.Config[key]; ok && v != "" && r.State != damaged {
			return fmt.Sprint(v)
		}
		return "–"
	}
	percent := func(x *float64) string {
		if x == nil {
			return "–"
		}
		return fmt.Sprintf("%.1f", 100**x)
	}
	started := "–"
	if r.Started != nil {
		started = r.Started.Local().Format("2006-01-02 15:04")
	}
	steps := fmt.Sprint(r.Steps)
	switch r.State {
	case unfinished, running:
		steps += " of " + r.setSteps
	case damaged:
		steps = "–"
	}
	return []string{r.Run, value("data"), value("loss"), value("memory"), value("batch"), value("seed"), steps,
		percent(r.Recall), percent(r.MAPAtR), started, r.State}
}

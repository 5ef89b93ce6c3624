package main

import (
	"fmt"
	"path/filepath"
	"slices"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/embedded"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting/flags"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:        "eval",
		Usage:       "score a run, or any embeddings: retrieval, clustering, how they lie",
		ArgsUsage:   "RUN",
		Description: help("eval") + dataSets(),
		Flags:       evalFlags(),
		Action:      evaluate,
	}
}

func evalFlags() []cli.Flag {
	files, how := embedded.Files{}, run.DefaultHow()
	return slices.Concat([]cli.Flag{
		&cli.StringFlag{Category: "What", Name: "part", Value: run.PartTest, Usage: "`PART` of the run's data: test, validation, train, all"},
		&cli.StringFlag{Category: "What", Name: "data", Usage: "another data `SET`, listed above (default: the run's own)"},
		&cli.StringFlag{Category: "What", Name: "pairs", Usage: "`FILE` of pairs to tell apart, and nothing else: A,B,1 for the same and A,B,0 for not, by numbers of rows, from 0, or by files, as a run's set and ids.csv beside embeddings name them", TakesFile: true},

		&cli.BoolFlag{Category: "How", Name: "verification", Usage: "tell all pairs of rows apart, too"},
		&cli.StringFlag{Category: "How", Name: "far", Usage: "`RATES` of false acceptance that TAR is reported at, separated by commas", DefaultText: "0.1,0.01,0.001,0.0001"},
		&cli.Float64Flag{Category: "How", Name: "threshold", Usage: "the largest `DISTANCE`, or the least cosine, that is accepted for the same", DefaultText: "for a run's test, the best of its validation"},
		&cli.StringFlag{Category: "How", Name: "ranks", Usage: "`RANKS` of recall, separated by commas (default: as the field reports them for the data set, or 1,2,4,8)"},
		&cli.BoolFlag{Category: "How", Name: "full", Usage: "all scores, however long they take; --full=false: no MAP and MRR", DefaultText: "what takes a minute or so"},

		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` for " + record.EvaluationFile + " and, with a run, pictures of queries with their neighbours"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the evaluation in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	}, flagsOf(files.Settings()), flagsOf(how.Settings()), flagsOf(usual(readingKeys()...)))
}

func evaluate(c *cli.Context) error {
	how, err := readHow(c)
	if err != nil {
		return err
	}
	var files embedded.Files
	flags.Apply(c, files.Settings())
	out := record.Folder{Path: c.String("out")}
	if out.Path != "" && out.Has(record.EvaluationFile) && !c.Bool("force") {
		return fmt.Errorf("%s holds an evaluation: choose another folder, or --force to replace it", out.Path)
	}
	isRun := files.Embeddings == ""
	what, other, notFor := "--embeddings", "a run", []string{"part", "data", "skip-broken", "cache", "cache-memory"}
	if isRun {
		what, other, notFor = "a run", "--embeddings", []string{"labels", "query", "query-labels", "cameras", "query-cameras", "multi-label"}
	}
	switch {
	case isRun && c.Args().Len() != 1:
		return fmt.Errorf("give the folder of a run, or --embeddings and --labels: see %s --help", c.Command.HelpName)
	case !isRun && c.Args().Present():
		return fmt.Errorf("%q is not expected: give a run or --embeddings, not both", c.Args().First())
	}
	if name := isSetAny(c, "verification", "draws", "ranks", "part", "multi-label", "pair-weights"); name != "" && c.IsSet("pairs") {
		return fmt.Errorf("--%s is not for a list of pairs: leave it out, or --pairs", name)
	}
	if name := isSetAny(c, notFor...); name != "" {
		return fmt.Errorf("--%s goes with %s, not with %s", name, other, what)
	}
	if c.IsSet("pairs") {
		return evaluatePairs(c, files, how, out)
	}
	console := newConsole(c.App.ErrWriter)
	if !isRun {
		e, err := console.session(run.Loading{}).EvaluateFiles(c.Context, files, how)
		if err != nil {
			return err
		}
		return leaveEvaluation(c, out, e, report.EvaluationText(e, fullHelp), "")
	}
	m, err := openRun(c, console, c.Args().First())
	if err != nil {
		return err
	}
	e, scored, err := m.Evaluate(c.Context, c.String("part"), how)
	if err != nil {
		return err
	}
	pictures := ""
	if out.Path != "" {
		pictures = fmt.Sprintf(", see %s and %s", filepath.Join(out.Path, record.NeighborsFile), filepath.Join(out.Path, record.ExtremesFile))
		if err := scored.Pictures(out, e.Data+", "+e.Part+" classes"); err != nil {
			return err
		}
	}
	return leaveEvaluation(c, out, e, report.EvaluationText(e, fullHelp), pictures)
}

// fullHelp says how what was left out is had.
const fullHelp = "--full takes the time"

// evaluatePairs tells the pairs of --pairs apart.
func evaluatePairs(c *cli.Context, files embedded.Files, how run.How, out record.Folder) (err error) {
	console, list := newConsole(c.App.ErrWriter), c.String("pairs")
	var e record.PairsEvaluation
	if dir := c.Args().First(); dir == "" {
		e, err = console.session(run.Loading{}).EvaluatePairs(c.Context, files, list, *how.Verification)
	} else {
		var m *run.Model
		if m, err = openRun(c, console, dir); err == nil {
			e, err = m.EvaluatePairs(c.Context, list, *how.Verification)
		}
	}
	if err != nil {
		return err
	}
	return leaveEvaluation(c, out, e, report.PairsText(e), "")
}

// leaveEvaluation writes an evaluation to --out, and prints it. more is what lies there
// besides.
func leaveEvaluation(c *cli.Context, out record.Folder, e any, text, more string) error {
	if out.Path != "" {
		if err := out.JSON(record.EvaluationFile, e); err != nil {
			return err
		}
		if e, ok := e.(record.Evaluation); ok {
			if err := report.LeavePairWeights(out, e); err != nil {
				return err
			}
		}
		text += fmt.Sprintf("\nThe evaluation is in %s%s\n", filepath.Join(out.Path, record.EvaluationFile), more)
	}
	return show(c, e, text)
}

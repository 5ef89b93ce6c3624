package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/trainer/run"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Usage:     "score a run, or any embeddings: retrieval, clustering, how they lie",
		ArgsUsage: "RUN",
		Description: "Scores the test classes of a run, which its training has not seen, or embeddings from anywhere:\n" +
			"recall, precision at 1, R-precision, MAP@R, MAP, MRR with bounds from resamples of the queries,\n" +
			"agreement of k-means clusters with the classes, and a diagnosis of how the embeddings lie.\n" +
			"Neighbours are by Euclidean distance between the embeddings as they are; equal distances by\n" +
			"index. Queries that are alone in their class are skipped and counted.\n\n" +
			"Examples:\n" +
			"  xbm eval runs/a                                     the test classes of the run's own data\n" +
			"  xbm eval runs/a --part validation                   other classes of it\n" +
			"  xbm eval runs/a --data folder:PATH --part all       all of another data set\n" +
			"  xbm eval runs/a --out runs/a-eval                   eval.json and pictures besides\n" +
			"  xbm eval --embeddings E.npy --labels L.npy          leave one out: each row among the others\n" +
			"  xbm eval --embeddings G.npy --labels GL.csv --query Q.npy --query-labels QL.csv" + dataSets(),
		Flags:  append(evalFlags(), flagsOf(usual(readingKeys()...))...),
		Action: evaluate,
	}
}

func evalFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Category: "What", Name: "part", Value: run.PartTest, Usage: "`PART` of the run's data: test, validation, train, all"},
		&cli.StringFlag{Category: "What", Name: "data", Usage: "another data `SET`, listed above (default: the run's own)"},
		&cli.StringFlag{Category: "What", Name: "embeddings", Usage: "`FILE`.npy of rows × numbers, in place of a run", TakesFile: true},
		&cli.StringFlag{Category: "What", Name: "labels", Usage: "`FILE` with the class of each row: .npy of whole numbers, or .csv with the class last", TakesFile: true},
		&cli.StringFlag{Category: "What", Name: "query", Usage: "`FILE`.npy of queries, to be found among the embeddings", TakesFile: true},
		&cli.StringFlag{Category: "What", Name: "query-labels", Usage: "`FILE` with the class of each query", TakesFile: true},

		&cli.StringFlag{Category: "How", Name: "ranks", Usage: "`RANKS` of recall, separated by commas (default: as the field reports them for the data set, or 1,2,4,8)"},
		&cli.BoolFlag{Category: "How", Name: "full", Usage: "all scores, however long they take; --full=false: no MAP and MRR", DefaultText: "what takes a minute or so"},
		&cli.IntFlag{Category: "How", Name: "resamples", Value: run.Resamples, Usage: "resamples of the queries for the bounds; 0: no bounds"},
		&cli.Uint64Flag{Category: "How", Name: "seed", Value: run.EvaluationSeed, Usage: "`SEED` of the resamples and the clustering"},

		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` for " + record.EvaluationFile + " and, with a run, pictures of queries with their neighbours"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the evaluation in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	}
}

// evaluation is what xbm eval writes down.
type evaluation struct {
	Run             string `json:"run,omitempty"`
	Data            string `json:"data,omitempty"`
	Part            string `json:"part,omitempty"`
	Embeddings      string `json:"embeddings,omitempty"`
	QueryEmbeddings string `json:"query_embeddings,omitempty"`
	Seed            uint64 `json:"seed"`
	eval.Evaluation

	own bool // it is of the data that the run trained on
}

func evaluate(c *cli.Context) error {
	how, most, err := readHow(c)
	if err != nil {
		return err
	}
	out := record.Folder{Path: c.String("out")}
	if out.Path != "" && !c.Bool("force") {
		if _, err := os.Stat(filepath.Join(out.Path, record.EvaluationFile)); err == nil {
			return fmt.Errorf("%s holds an evaluation: choose another folder, or --force to replace it", out.Path)
		}
	}
	console := newConsole(c.App.ErrWriter)
	var e evaluation
	var pictures func() error
	switch {
	case c.String("embeddings") != "":
		e, err = evaluateFiles(c, console, how, most)
	case c.Args().Len() == 1:
		var s run.Scored
		e, s, err = evaluateRun(c, console, how, most)
		pictures = func() error { return s.Pictures(out, e.Data+", "+e.Part+" classes") }
	default:
		return fmt.Errorf("give the folder of a run, or --embeddings and --labels: see %s --help", c.Command.HelpName)
	}
	if err != nil {
		return err
	}
	e.Seed = how.Seed
	if out.Path != "" {
		if pictures != nil {
			if err := pictures(); err != nil {
				return err
			}
		}
		if err := out.JSON(record.EvaluationFile, e); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(e)
	}
	return e.print(c.App.Writer, out.Path)
}

// readHow reads how to evaluate, and how much work each part may be.
func readHow(c *cli.Context) (how eval.Retrieval, most float64, err error) {
	if err := threads(c); err != nil {
		return how, 0, err
	}
	how.Full, how.Resamples, how.Seed, most = true, c.Int("resamples"), c.Uint64("seed"), run.Patient
	if c.IsSet("full") {
		if how.Full = c.Bool("full"); how.Full {
			most = 0
		}
	}
	if how.Resamples < 0 {
		return how, 0, fmt.Errorf("resamples is %d: give 0 or more", how.Resamples)
	}
	if text := c.String("ranks"); text != "" {
		for _, word := range strings.Split(text, ",") {
			k, err := strconv.Atoi(strings.TrimSpace(word))
			if err != nil || k < 1 {
				return how, 0, fmt.Errorf("ranks is %q: give whole numbers from 1, separated by commas", text)
			}
			how.Ranks = append(how.Ranks, k)
		}
	}
	return how, most, nil
}

// isSetAny returns the first of these flags that was given, "" for none.
func isSetAny(c *cli.Context, names ...string) string {
	if i := slices.IndexFunc(names, c.IsSet); i >= 0 {
		return names[i]
	}
	return ""
}

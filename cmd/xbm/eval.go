package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/eval/verification"
	"crossbatch/trainer/run"
)

func evalCommand() *cli.Command {
	return &cli.Command{
		Name:      "eval",
		Usage:     "score a run, or any embeddings: retrieval, clustering, how they lie",
		ArgsUsage: "RUN",
		Description: "Scores the test classes of a run, which its training has not seen, or embeddings from anywhere:\n" +
			"recall, precision at 1, R-precision, MAP@R, MAP, MRR with bounds from resamples of the queries,\n" +
			"each also as a mean over classes, agreement of k-means clusters with the classes, and a diagnosis\n" +
			"of how the embeddings lie. Neighbours are by Euclidean distance between the embeddings as they\n" +
			"are, or by cosine; equal distances by index. Queries that have nothing to find are skipped and\n" +
			"counted.\n\n" +
			"Where cameras are known, by the data set or by --cameras, images of a query's class by its own\n" +
			"camera are left out of its ranking, and so are rows of class -1 (junk), as Market-1501 counts:\n" +
			"recall@k is then the field's CMC@k or rank-k.\n\n" +
			"Verification tells pairs of one class from others by their distance: the area under the ROC\n" +
			"curve, the share of right pairs accepted (TAR) at rates of wrong ones (FAR), the equal error\n" +
			"rate, and a threshold, which for a run's test is chosen on its validation classes.\n\n" +
			"Examples:\n" +
			"  xbm eval runs/a                                     the test classes of the run's own data\n" +
			"  xbm eval runs/a --part validation                   other classes of it\n" +
			"  xbm eval runs/a --data folder:PATH --part all       all of another data set\n" +
			"  xbm eval runs/a --out runs/a-eval                   eval.json and pictures besides\n" +
			"  xbm eval --embeddings E.npy --labels L.npy          leave one out: each row among the others\n" +
			"  xbm eval --embeddings G.npy --labels GL.csv --query Q.npy --query-labels QL.csv\n" +
			"  xbm eval --embeddings E.npy --labels tags.csv --multi-label     right are rows that share a label\n" +
			"  xbm eval runs/a --draws 10                          VehicleID's: a gallery of one image a class, ten times\n" +
			"  xbm eval runs/a --verification                      all pairs of test images besides\n" +
			"  xbm eval --embeddings E.npy --pairs pairs.csv       a list: ROW,ROW,1 for the same and ROW,ROW,0 for not" + dataSets(),
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
		&cli.BoolFlag{Category: "What", Name: "multi-label", Usage: "labels hold several classes a row, parted by spaces, commas, semicolons or bars, or as a .npy of rows × classes of 1 and 0; right is what shares one"},
		&cli.StringFlag{Category: "What", Name: "cameras", Usage: "`FILE` with the camera of each row: what the query's own took of its class is left out, and rows of class -1", TakesFile: true},
		&cli.StringFlag{Category: "What", Name: "query-cameras", Usage: "`FILE` with the camera of each query", TakesFile: true},
		&cli.StringFlag{Category: "What", Name: "pairs", Usage: "`FILE` of pairs to tell apart, and nothing else: A,B,1 for the same and A,B,0 for not, by numbers of rows, from 0, or by files, as a run's set and ids.csv beside embeddings name them", TakesFile: true},

		&cli.StringFlag{Category: "How", Name: "distance", Value: eval.Euclidean.String(), Usage: "`DISTANCE` of embeddings: euclidean or cosine"},
		&cli.BoolFlag{Category: "How", Name: "verification", Usage: "tell all pairs of rows apart, too"},
		&cli.StringFlag{Category: "How", Name: "far", Usage: "`RATES` of false acceptance that TAR is reported at, separated by commas", DefaultText: "0.1,0.01,0.001,0.0001"},
		&cli.Float64Flag{Category: "How", Name: "threshold", Usage: "the largest `DISTANCE`, or the least cosine, that is accepted for the same", DefaultText: "for a run's test, the best of its validation"},
		&cli.IntFlag{Category: "How", Name: "draws", Usage: "`NUMBER` of draws of a gallery of one row a class, with all others as queries; 0: none"},
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
	Distance     string            `json:"distance,omitempty"` // where it is not Euclidean
	Draws        *eval.Draws       `json:"draws,omitempty"`
	Verification *run.Verification `json:"verification,omitempty"`

	own bool // it is of the data that the run trained on
}

func evaluate(c *cli.Context) error {
	how, err := readHow(c)
	if err != nil {
		return err
	}
	out := record.Folder{Path: c.String("out")}
	if out.Path != "" && !c.Bool("force") {
		if _, err := os.Stat(filepath.Join(out.Path, record.EvaluationFile)); err == nil {
			return fmt.Errorf("%s holds an evaluation: choose another folder, or --force to replace it", out.Path)
		}
	}
	how.console = newConsole(c.App.ErrWriter)
	isRun := c.String("embeddings") == ""
	switch {
	case isRun && c.Args().Len() != 1:
		return fmt.Errorf("give the folder of a run, or --embeddings and --labels: see %s --help", c.Command.HelpName)
	case !isRun && c.Args().Present():
		return fmt.Errorf("%q is not expected: give a run or --embeddings, not both", c.Args().First())
	case c.IsSet("pairs"):
		return evaluatePairs(c, how, out)
	}
	var e evaluation
	pictures := func() error { return nil }
	if isRun {
		var s run.Scored
		e, s, err = evaluateRun(c, how)
		pictures = func() error { return s.Pictures(out, e.Data+", "+e.Part+" classes") }
	} else {
		e, err = evaluateFiles(c, how)
	}
	if err != nil {
		return err
	}
	e.Seed = how.Seed
	if how.Distance != eval.Euclidean {
		e.Distance = how.Distance.String()
	}
	if out.Path != "" {
		if err := pictures(); err != nil {
			return err
		}
		if err := out.JSON(record.EvaluationFile, e); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, e, "")
	}
	return e.print(c.App.Writer, out.Path)
}

// how says how to evaluate.
type how struct {
	eval.Retrieval         // but for the embeddings
	most           float64 // products that each part may take; 0: any
	task           verification.Task
	draws          int
	console        *console
}

func readHow(c *cli.Context) (h how, err error) {
	if err := threads(c); err != nil {
		return h, err
	}
	h.Full, h.ClassMeans, h.Resamples, h.Seed, h.most, h.draws = true, true, c.Int("resamples"), c.Uint64("seed"), run.Patient, c.Int("draws")
	if c.IsSet("full") {
		if h.Full = c.Bool("full"); h.Full {
			h.most = 0
		}
	}
	if h.Resamples < 0 {
		return h, fmt.Errorf("resamples is %d: give 0 or more", h.Resamples)
	}
	if c.IsSet("draws") && h.draws < 2 {
		return h, fmt.Errorf("draws is %d: give 2 or more, the field takes 10", h.draws)
	}
	if err := h.Distance.UnmarshalText([]byte(c.String("distance"))); err != nil {
		return h, fmt.Errorf("distance is %q: give euclidean or cosine", c.String("distance"))
	}
	h.task.Distance = h.Distance
	ranks, err := numbersOf(c.String("ranks"))
	for _, k := range ranks {
		if err != nil || k < 1 || k != float64(int(k)) {
			break
		}
		h.Ranks = append(h.Ranks, int(k))
	}
	if err != nil || len(h.Ranks) < len(ranks) {
		return h, fmt.Errorf("ranks is %q: give whole numbers from 1, separated by commas", c.String("ranks"))
	}
	if h.task.FARs, err = numbersOf(c.String("far")); err != nil || slices.ContainsFunc(h.task.FARs, func(f float64) bool { return !(f > 0 && f <= 1) }) {
		return h, fmt.Errorf("far is %q: give rates above 0, up to 1, separated by commas", c.String("far"))
	}
	if c.IsSet("threshold") {
		threshold := c.Float64("threshold")
		h.task.Threshold = &threshold
	}
	if name := isSetAny(c, "far", "threshold"); name != "" && !c.Bool("verification") && !c.IsSet("pairs") {
		return h, fmt.Errorf("--%s goes with --verification or --pairs", name)
	}
	return h, nil
}

// numbersOf reads numbers that commas part.
func numbersOf(text string) (numbers []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, x)
	}
	return numbers, nil
}

// isSetAny returns the first of these flags that was given, "" for none.
func isSetAny(c *cli.Context, names ...string) string {
	if i := slices.IndexFunc(names, c.IsSet); i >= 0 {
		return names[i]
	}
	return ""
}

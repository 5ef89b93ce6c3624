package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/finder"
	"crossbatch/trainer/run"
)

func searchCommand() *cli.Command {
	return &cli.Command{
		Name:      "search",
		Usage:     "find the pictures of an index that look most like others",
		ArgsUsage: "INDEX PICTURE…",
		Description: "Embeds each picture by the network of the index (xbm index makes one) and lists its nearest rows,\n" +
			"by exact distance. Similarity is the cosine: 1 is the same, 0 has nothing in common.\n\n" +
			"Examples:\n" +
			"  xbm search goods.index photo.jpg\n" +
			"  xbm search goods.index photo.jpg --group shoes --threshold 0.8 --sheet found.png\n" +
			"  curl -s URL | xbm search goods.index -                  a picture on standard input\n" +
			"  xbm search goods.index --duplicates --threshold 0.99    near-identical pairs of all of it",
		Flags: []cli.Flag{
			&cli.IntFlag{Category: "What", Name: "neighbors", Aliases: []string{"k"}, Value: 10, Usage: "`NUMBER` of neighbours of each picture"},
			&cli.StringSliceFlag{Category: "What", Name: "group", Usage: "only of this `GROUP` and those below it; may be given again"},
			&cli.StringSliceFlag{Category: "What", Name: "not-group", Usage: "none of this `GROUP` or below it; may be given again"},
			&cli.StringFlag{Category: "What", Name: "threshold", Usage: "least `SIMILARITY`, or validation: the one that xbm index threshold chose (default: none; of duplicates 0.99)"},
			&cli.BoolFlag{Category: "What", Name: "duplicates", Usage: "pairs of the index that are near-identical, nearest first, in place of pictures"},
			&cli.IntFlag{Category: "What", Name: "most", Value: 1000, Usage: "`NUMBER` of such pairs that are listed"},
			&cli.StringFlag{Category: "What", Name: "run", Usage: "`RUN` whose network to use: must be the index's (default: the copy in the index)"},
			&cli.StringFlag{Category: "Output", Name: "sheet", Usage: "PNG `FILE` of what was found"},
			&cli.BoolFlag{Category: "Output", Name: "json", Usage: "print one JSON object"},
		},
		Action: searchIndex,
	}
}

// hit is a neighbour with its name.
type hit struct {
	index.Neighbor
	Name  string `json:"name"`
	Group string `json:"group"`
}

// answer is what was found for a picture.
type answer struct {
	Query     string `json:"query"`
	Neighbors []hit  `json:"neighbors"`
}

func searchIndex(c *cli.Context) (err error) {
	if !c.Args().Present() {
		return fmt.Errorf("give an index and pictures: see %s --help", c.Command.HelpName)
	}
	if k := c.Int("neighbors"); k < 1 {
		return fmt.Errorf("--neighbors is %d: give 1 or more", k)
	}
	dir, names := c.Args().First(), c.Args().Tail()
	x, err := index.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	least, err := thresholdOf(c, x, dir)
	if err != nil {
		return err
	}
	filter := index.Filter{Groups: c.StringSlice("group"), NotGroups: c.StringSlice("not-group")}
	if c.Bool("duplicates") {
		if len(names) > 0 {
			return fmt.Errorf("%q is not expected: --duplicates looks at the index alone", names[0])
		}
		return duplicates(c, x, filter, least)
	}
	if len(names) == 0 {
		return fmt.Errorf("give pictures to search for, or - for one on standard input: see %s --help", c.Command.HelpName)
	}
	e, err := finder.Open(cmp.Or(c.String("run"), dir))
	if err != nil {
		return err
	}
	if err := x.Encoder().Accepts(e.Identity()); err != nil {
		return err
	}
	source := finder.Files(names)
	for i, name := range names {
		if name == "-" {
			source.Items[i].Name = "standard input"
			source.Items[i].Read = func() ([]byte, error) { return io.ReadAll(os.Stdin) }
		}
	}
	rows, pictures, err := e.Pictures(source)
	if err != nil {
		return err
	}
	found, err := x.Search(rows, c.Int("neighbors"), filter)
	if err != nil {
		return err
	}
	answers := make([]answer, len(names))
	for q, list := range found {
		answers[q] = answer{source.Items[q].Name, []hit{}}
		for _, n := range list {
			item, err := x.Item(n.Row)
			if err != nil {
				return err
			}
			if n.Similarity >= least {
				answers[q].Neighbors = append(answers[q].Neighbors, hit{n, item.Name, item.Group})
			}
		}
	}
	if file := c.String("sheet"); file != "" {
		if err := foundSheet(file, x, answers, pictures); err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(map[string]any{"index": dir, "encoder": x.Encoder().Hash, "queries": answers})
	}
	return printFound(c.App.Writer, answers)
}

// thresholdOf is the least similarity that a search was given.
func thresholdOf(c *cli.Context, x *index.Index, dir string) (float64, error) {
	switch text := c.String("threshold"); text {
	case "":
		if c.Bool("duplicates") {
			return 0.99, nil
		}
		return math.Inf(-1), nil
	case run.PartValidation:
		t, err := finder.ReadThreshold(dir, x.Encoder())
		return t.Threshold, err
	default:
		least, err := strconv.ParseFloat(text, 64)
		if err != nil || !(least >= -1 && least <= 1) {
			return 0, fmt.Errorf("--threshold is %q: give the least similarity, -1 to 1, or %s", text, run.PartValidation)
		}
		return least, nil
	}
}

func printFound(w io.Writer, answers []answer) error {
	for i, a := range answers {
		if i > 0 {
			if _, err := fmt.Fprintln(w); err != nil {
				return err
			}
		}
		lines := [][]string{{a.Query, "similarity", "distance", "row", "group"}}
		for _, n := range a.Neighbors {
			lines = append(lines, []string{n.Name, fmt.Sprintf("%.4f", n.Similarity), fmt.Sprintf("%.4f", n.Distance), strconv.Itoa(n.Row), n.Group})
		}
		if _, err := io.WriteString(w, report.Align(lines)); err != nil {
			return err
		}
		if len(a.Neighbors) == 0 {
			if _, err := fmt.Fprintln(w, "  nothing is as near as that"); err != nil {
				return err
			}
		}
	}
	return nil
}

// sheetColumns bounds the neighbours on a sheet.
const sheetColumns = 12

// foundSheet draws the queries, and of the neighbours of each as many as fit.
func foundSheet(file string, x *index.Index, answers []answer, pictures [][]byte) error {
	rows := make([]report.FoundRow, len(answers))
	for q, a := range answers {
		rows[q].Query = pictures[q]
		for _, n := range a.Neighbors[:min(sheetColumns, len(a.Neighbors))] {
			item, err := x.Item(n.Row)
			if err != nil {
				return err
			}
			rows[q].Found = append(rows[q].Found, report.Found{Picture: item.Picture, Text: fmt.Sprintf("%.3f", n.Similarity)})
		}
	}
	return record.WriteFile(file, func(w io.Writer) error {
		return report.FoundSheet(w, "query, and the nearest with their similarity", rows)
	})
}

func duplicates(c *cli.Context, x *index.Index, filter index.Filter, least float64) error {
	// Rows have length 1, and ‖a-b‖² = 2 - 2·cos; the last bits decide nothing.
	pairs, total, err := x.Duplicates(math.Sqrt(2-2*least)+1e-6, c.Int("most"), filter)
	if err != nil {
		return err
	}
	type side struct {
		Row   int    `json:"row"`
		Name  string `json:"name"`
		Group string `json:"group"`
	}
	type pair struct {
		A          side    `json:"a"`
		B          side    `json:"b"`
		Similarity float64 `json:"similarity"`
		Distance   float64 `json:"distance"`
	}
	list := make([]pair, 0, len(pairs))
	lines := [][]string{{"picture", "similarity", "and"}}
	rows := make([]report.FoundRow, 0, len(pairs))
	for _, p := range pairs {
		a, errA := x.Item(p.A)
		b, errB := x.Item(p.B)
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		list = append(list, pair{side{p.A, a.Name, a.Group}, side{p.B, b.Name, b.Group}, p.Similarity, p.Distance})
		lines = append(lines, []string{a.Name, fmt.Sprintf("%.4f", p.Similarity), b.Name})
		rows = append(rows, report.FoundRow{Query: a.Picture, Found: []report.Found{{Picture: b.Picture, Text: fmt.Sprintf("%.4f", p.Similarity)}}})
	}
	if file := c.String("sheet"); file != "" {
		const shown = 100
		err := record.WriteFile(file, func(w io.Writer) error {
			return report.FoundSheet(w, fmt.Sprintf("%d pairs, the nearest first", total), rows[:min(shown, len(rows))])
		})
		if err != nil {
			return err
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(map[string]any{"pairs": list, "total": total})
	}
	if total == 0 {
		_, err := fmt.Fprintf(c.App.Writer, "no two pictures have a similarity of %g or more\n", least)
		return err
	}
	_, err = fmt.Fprintf(c.App.Writer, "%s%d pairs have a similarity of %g or more%s\n", report.Align(lines), total, least,
		map[bool]string{true: fmt.Sprintf("; the nearest %d are listed (--most)", len(pairs))}[total > len(pairs)])
	return err
}

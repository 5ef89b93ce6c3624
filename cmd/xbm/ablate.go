package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer/ablation"
)

func ablateCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Category: "Grid", Name: "memory", Value: "0,256,2048,100%", Usage: "memory `SIZES`, separated by commas: rows, or shares of the training images"},
		&cli.StringFlag{Category: "Grid", Name: "batch", Value: "16,64", Usage: "batch `SIZES`, separated by commas"},
		&cli.IntFlag{Category: "Grid", Name: "seeds", Value: 2, Usage: "runs of each combination, with the seeds --seed, --seed+1, …"},
		&cli.StringFlag{Category: "Run", Name: "out", Usage: "`FOLDER` of the study, with a folder for each run (default: runs/ablation and the date and time)"},
		&cli.BoolFlag{Category: "Run", Name: "force", Usage: "replace the study in --out"},
		&cli.BoolFlag{Category: "Run", Name: "json", Usage: "print the results as one JSON object, and nothing else, on standard output"},
	}
	for _, f := range settingsFlags() {
		if name := f.Names()[0]; name != "memory" && name != "batch" {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:  "ablate",
		Usage: "recall@1 by memory size and batch size, with several seeds",
		Description: "Makes a run of every memory size × batch size × seed, one after the other, all with the same number\n" +
			"of steps, and prints and saves recall@1 and MAP@R on the test classes: mean ± 95 % interval.\n\n" +
			"Example:\n" +
			"  xbm ablate --memory 0,100% --batch 16,64 --seeds 3 --steps 500 --out runs/study" + choices(),
		Flags:  flags,
		Action: ablate,
	}
}

// The files of a study, beside its runs.
const (
	studyTable = "table.md"
	studyCSV   = "recall.csv"
)

func ablate(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	grid, how, err := readGrid(c)
	if err != nil {
		return err
	}
	cells, err := grid.Cells()
	if err != nil {
		return err
	}
	dir := c.String("out")
	if dir == "" {
		dir = filepath.Join("runs", "ablation"+time.Now().Format("-20060102-150405"))
	}
	for _, cell := range cells {
		if err := record.Check(filepath.Join(dir, cell.Name), c.Bool("force")); err != nil {
			return err
		}
	}
	// The folder of a study has many runs, which are complete or made anew.
	runs := &session{dataSettings: how.dataSettings, keepSettings: how.keepSettings, passing: true, console: newConsole(c.App.ErrWriter)}
	done := 0
	outcomes, err := ablation.Run(c.Context, cells, func(ctx context.Context, cell ablation.Cell) (outcome, error) {
		done++
		title := fmt.Sprintf("run %d of %d, memory %s, batch %d, seed %d:", done, len(cells),
			cell.Config.Memory, cell.Config.Batch, cell.Config.Seed)
		defer runs.release()
		return runs.train(ctx, title, cell.Config, filepath.Join(dir, cell.Name), c.Bool("force"))
	})
	if len(outcomes) == 0 {
		return err
	}
	// What is done is worth a table, also after an error.
	return errors.Join(err, finishStudy(c, dir, grid, cells, outcomes))
}

func readGrid(c *cli.Context) (ablation.Grid, settings, error) {
	g := ablation.Grid{Memory: strings.Split(c.String("memory"), ","), Seeds: c.Int("seeds")}
	for _, text := range strings.Split(c.String("batch"), ",") {
		batch, err := strconv.Atoi(text)
		if err != nil {
			return g, settings{}, fmt.Errorf("batch is %q: give whole numbers, separated by commas", c.String("batch"))
		}
		g.Batch = append(g.Batch, batch)
	}
	s, err := readSettings(c, "memory", "batch")
	g.Base = s.Config
	return g, s, err
}

// finishStudy saves the table and prints it.
func finishStudy(c *cli.Context, dir string, g ablation.Grid, cells []ablation.Cell, outcomes []outcome) error {
	recall := studyOf(g, cells, outcomes, "recall@1", func(o outcome) float64 { r, _ := o.Test.Recall.At(1); return r })
	mapAtR := studyOf(g, cells, outcomes, "MAP@R", func(o outcome) float64 { return o.Test.MAPAtR })
	for name, text := range map[string]string{
		studyTable: recall.Markdown() + "\n" + mapAtR.Markdown(),
		studyCSV:   recall.CSV(),
	} {
		path := filepath.Join(dir, name)
		if err := record.WriteFile(path, func(w io.Writer) error { _, err := io.WriteString(w, text); return err }); err != nil {
			return fmt.Errorf("%s was not written: %w", path, err)
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(struct {
			Study string    `json:"study"`
			Runs  []outcome `json:"runs"`
		}{dir, outcomes})
	}
	_, err := fmt.Fprintf(c.App.Writer, "%s\n%s\n%d runs of %d steps on %s. The study is in %s\n",
		recall.Text(), mapAtR.Text(), len(outcomes), g.Base.Steps, g.Base.Data, dir)
	return err
}

func studyOf(g ablation.Grid, cells []ablation.Cell, outcomes []outcome, number string, of func(outcome) float64) report.Study {
	s := report.Study{Number: number, RowName: "memory", Rows: g.Memory, ColName: "batch",
		Samples: ablation.Collect(g, cells, outcomes, of)}
	for _, b := range g.Batch {
		s.Columns = append(s.Columns, strconv.Itoa(b))
	}
	return s
}

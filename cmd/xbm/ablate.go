package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/ablation"
)

// The axes that every grid has.
const (
	lossAxis   = "loss"
	memoryAxis = "memory"
	batchAxis  = "batch"
)

// ablationDefault is the configuration that grids vary: that of train, but fewer
// steps, so that the default grid is done in a quarter of an hour on two cores,
// and with a few looks at drift, which says why a memory helps or not.
func ablationDefault() trainer.Config {
	c := trainer.Default()
	c.Steps, c.Memory.Start, c.Watch.DriftEvery = 1500, 200, 250
	return c
}

func ablateCommand() *cli.Command {
	flags := []cli.Flag{
		&cli.StringFlag{Category: "Grid", Name: memoryAxis, Value: "0,1%,10%,100%", Usage: "memory `SIZES`, separated by commas: rows, or shares of the training images"},
		&cli.StringFlag{Category: "Grid", Name: batchAxis, Value: "16,32,64", Usage: "batch `SIZES`, separated by commas"},
		&cli.StringFlag{Category: "Grid", Name: lossAxis, Value: ablationDefault().Loss.Spec, Usage: "`LOSSES`, listed above with their parameters, separated by commas"},
		&cli.GenericFlag{Category: "Grid", Name: "axis", Value: &repeated{}, Usage: "`NAME=VALUE,VALUE,…`: any other setting that varies, by the name of its flag; may be given again"},
		&cli.IntFlag{Category: "Grid", Name: "seeds", Value: 5, Usage: "runs of each combination, with the seeds --seed, --seed+1, …"},
		&cli.StringFlag{Category: "Grid", Name: "equal", Value: string(ablation.EqualSteps), Usage: "`WHAT` all runs have alike: steps, or images; then --steps and all else that counts steps are for the batch of --config, or 32, and scaled for others"},
		&cli.GenericFlag{Category: "Grid", Name: "tune", Value: &repeated{}, Usage: "`NAME=LOW..HIGH:TRIALS`: search this setting for every run on its own by successive halving on the validation classes, such as lr=1e-4..1e-2:8; may be given again"},
	}
	flags = append(flags, studyFlags("ablation")...)
	for _, f := range settingsFlagsFrom(ablationDefault()) {
		if name := f.Names()[0]; !slices.Contains([]string{lossAxis, memoryAxis, batchAxis, "threads"}, name) {
			flags = append(flags, f)
		}
	}
	return &cli.Command{
		Name:  "ablate",
		Usage: "recall@1 by memory size, batch size, and any other setting, with several seeds",
		Description: "Makes a run of every memory size × batch size × loss × seed, several at a time, and prints and saves\n" +
			"recall@1 and MAP@R on the test classes: mean ± 95 % interval. Runs of one seed start from the same\n" +
			"weights, and with one batch size see the same batches.\n\n" +
			"Whatever stops it, the same command with --out goes on: it makes the runs that are missing, no others.\n" +
			"Values may be added to the grid, and seeds; with any other change --out is refused.\n\n" +
			"The defaults take about a quarter of an hour on two cores. Examples:\n" +
			"  xbm ablate --dry-run                                     what would be run, and how long it takes\n" +
			"  xbm ablate --memory 0,100% --batch 16,64 --seeds 3 --out runs/study\n" +
			"  xbm ablate --loss contrastive,triplet:margin=0.1 --axis dim=32,128 --steps 500\n" +
			"  xbm ablate --equal images --tune lr=1e-4..1e-2:8         as fair as can be, and four times the work" + choices(),
		Flags:  flags,
		Action: ablate,
	}
}

// repeated is the values of a flag that may be given again. Commas do not part them.
type repeated []string

// Set implements cli.Generic.
func (r *repeated) Set(text string) error { *r = append(*r, text); return nil }

func (r *repeated) String() string { return strings.Join(*r, " ") }

// grid is a study of a grid: what is run, and how.
type grid struct {
	ablation.Grid
	cells  []ablation.Cell
	runs   []studyRun // of the cells
	search ablation.Search
	study  ablation.Study
}

func ablate(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	processors := cores()
	g, s, err := readGrid(c)
	if err != nil {
		return err
	}
	runs, err := newStudyRuns(c, g.study.Kind, s, processors)
	if err != nil {
		return err
	}
	runs.search = g.search
	dir := runs.dir
	if err := checkStudy(dir, g.study, c.Bool("force")); err != nil {
		return err
	}
	if c.Bool("dry-run") {
		return runs.estimate(c, g.runs, g.kind)
	}
	missing, err := runs.missing(g.runs)
	if err != nil {
		return err
	}
	if len(missing) > 0 || c.Bool("force") {
		if err := runs.check(g.first()); err != nil {
			return err
		}
	}
	lock, err := openStudy(dir, g.study, c.Bool("force"), gridFolders)
	if err != nil {
		return err
	}
	err = runs.make(c.Context, g.runs, func(r studyRun) (string, error) { return resultLine(runs.folder(r)) })
	// What is done is worth a table, also after an error.
	return errors.Join(err, g.finish(c, dir), lock.Close())
}

// readGrid reads the grid, and the settings that it varies.
func readGrid(c *cli.Context) (g grid, s settings, err error) {
	if s, err = readSettingsFrom(c, ablationDefault(), lossAxis, memoryAxis, batchAxis, "threads"); err != nil {
		return g, s, err
	}
	losses := []string{s.Loss.Spec}
	if c.IsSet(lossAxis) {
		losses = ablation.ParseList(c.String(lossAxis))
	}
	// What the grid gives does not count.
	s.Loss.Spec, s.Memory.Size = ablationDefault().Loss.Spec, "0"
	g.Grid = ablation.Grid{Base: s.Config, Axes: []ablation.Axis{{Key: lossAxis, Values: losses}},
		Seeds: c.Int("seeds"), Equal: ablation.Equal(c.String("equal"))}
	for _, text := range *c.Generic("axis").(*repeated) {
		axis, err := ablation.ParseAxis(text)
		if err != nil {
			return g, s, err
		}
		if slices.Contains([]string{lossAxis, memoryAxis, batchAxis}, axis.Key) {
			return g, s, fmt.Errorf("axis %s: give its values to --%s", axis.Key, axis.Key)
		}
		g.Axes = append(g.Axes, axis)
	}
	g.Axes = append(g.Axes, ablation.Axis{Key: memoryAxis, Values: ablation.ParseList(c.String(memoryAxis))},
		ablation.Axis{Key: batchAxis, Values: ablation.ParseList(c.String(batchAxis))})
	tune := *c.Generic("tune").(*repeated)
	if g.search, err = ablation.ParseSearch(tune); err != nil {
		return g, s, err
	}
	var void []string
	if g.cells, void, err = g.Cells(); err != nil {
		return g, s, err
	}
	measured := map[trainer.Config]bool{}
	for _, cell := range g.cells {
		if err := g.search.Validate(cell.Config); err != nil {
			return g, s, err
		}
		g.runs = append(g.runs, studyRun{name: cell.Name, title: g.title(cell), config: cell.Config, yardsticks: !measured[cell.Config.Untrained()]})
		measured[cell.Config.Untrained()] = true
	}
	if len(void) > 0 {
		newConsole(c.App.ErrWriter).log.Info("left out, for a loss that has no use for a memory", zap.Strings("combinations", void))
	}
	g.study = ablation.Study{Kind: "ablation", Axes: g.Axes, Count: ablation.Count{Of: "seeds", Number: g.Seeds}, Base: g.Base,
		Fixed: []ablation.Setting{{Key: "equal", Value: string(g.Equal)}, {Key: "tune", Value: strings.Join(tune, " ")}}}
	return g, s, nil
}

// gridFolders are the folders of a study's runs.
func gridFolders(s ablation.Study) ([]string, error) {
	if s.Kind != "ablation" {
		return nil, fmt.Errorf("it is of another kind: %s", s.Kind)
	}
	cells, _, err := ablation.Grid{Base: s.Base, Axes: s.Axes, Seeds: s.Count.Number}.Cells()
	var names []string
	for _, cell := range cells {
		names = append(names, cell.Name)
	}
	return names, err
}

// title is a cell for people: memory, batch, seed, and what else varies.
func (g *grid) title(c ablation.Cell) string {
	var parts []string
	for i, value := range g.Values(c) {
		if a := g.Axes[i]; len(a.Values) > 1 || a.Key == memoryAxis || a.Key == batchAxis {
			parts = append(parts, a.Key+" "+value)
		}
	}
	return strings.Join(append(parts, fmt.Sprintf("seed %d", c.Config.Seed)), ", ")
}

// first are the runs of the first seed: one of every combination.
func (g *grid) first() []studyRun {
	var runs []studyRun
	for i, cell := range g.cells {
		if cell.Repeat == 0 {
			runs = append(runs, g.runs[i])
		}
	}
	return runs
}

// kind tells apart runs that may take different times: all but the seed.
func (g *grid) kind(i int) string { return fmt.Sprint(g.cells[i].At) }

// resultLine is what a run came to, in one line.
func resultLine(dir string) (string, error) {
	run, err := record.Open(dir)
	if err != nil {
		return "", err
	}
	o := run.Outcome
	if o == nil {
		return "", fmt.Errorf("%s: the run ended without scores", dir)
	}
	recall, _ := o.Test.Recall.At(1)
	return fmt.Sprintf("recall@1 %.1f %%, MAP@R %.1f %%, %.0f s", 100*recall, 100*o.Test.MAPAtR, o.TotalSeconds), nil
}

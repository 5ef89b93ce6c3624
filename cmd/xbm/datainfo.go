package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/data/sets"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
)

func dataCommand() *cli.Command {
	usual := defaults()
	flags := flagsOf(usual.ofData())
	return &cli.Command{
		Name:  "data",
		Usage: "look at data sets",
		Subcommands: []*cli.Command{
			{
				Name:      "info",
				Usage:     "count classes and images of a data set, show its split, draw a contact sheet",
				ArgsUsage: "SET",
				Description: "With --augment the sheet has, for each of some classes, one image and then what training sees of it.\n" +
					"Augmentations, with their parameters as they are unless given:\n  " + strings.Join(augment.Names(), "\n  ") + "\n\n" +
					"Examples:\n" +
					"  xbm data info glyphs\n" +
					"  xbm data info sop:Stanford_Online_Products --image-size 224 --augment photo --sheet sop.png" + dataSets(),
				Flags: append(flags,
					&cli.StringFlag{Category: "Output", Name: "sheet", Usage: "PNG `FILE` for a contact sheet; none: no sheet (default: runs/data- and the set's name)"},
					&cli.BoolFlag{Category: "Output", Name: "json", Usage: "print one JSON object, and nothing else, on standard output"},
				),
				Action: dataInfo,
			},
			{
				Name:   "list",
				Usage:  "list the data sets that can be read",
				Action: func(c *cli.Context) error { return listData(c) },
			},
		},
	}
}

func listData(c *cli.Context) error {
	if err := noArguments(c); err != nil {
		return err
	}
	var lines [][]string
	for _, s := range sets.Specs() {
		lines = append(lines, []string{s.Name, s.Description})
	}
	_, err := io.WriteString(c.App.Writer, listing(lines))
	return err
}

func dataInfo(c *cli.Context) error {
	if c.Args().Len() != 1 {
		return fmt.Errorf("%d data sets are named: give one, see %s --help", c.Args().Len(), c.Command.HelpName)
	}
	s := settings{Config: trainer.Default()}
	for _, row := range s.ofData() {
		if c.IsSet(row.Key) {
			apply(c, row)
		}
	}
	s.Data.Set = c.Args().First()
	if err := errors.Join(s.Config.Validate(), setting.Validate(s.Loading.Settings())); err != nil {
		return err
	}
	looked := newConsole(c.App.ErrWriter).session(s.Loading)
	i, err := looked.Info(s.Config)
	if err != nil {
		return err
	}
	if i.Sheet, err = sheetPath(c.String("sheet"), s.Data.Set); err != nil {
		return err
	}
	if i.Sheet != "" {
		lines, err := looked.Sheet(s.Config, c.IsSet("augment"))
		if err != nil {
			return err
		}
		title := fmt.Sprintf("%s: %d classes, %d images", i.Data, i.Classes, i.Images)
		subtitle := fmt.Sprintf("%d×%d×%d; some classes, some images of each", i.Channels, i.Height, i.Width)
		if c.IsSet("augment") {
			subtitle = fmt.Sprintf("%d×%d×%d; an image of some classes, then views of it with augmentation %s", i.Channels, i.Height, i.Width, i.Augment)
		}
		if err := record.WriteFile(i.Sheet, func(w io.Writer) error { return report.Grid(w, title, subtitle, lines) }); err != nil {
			return fmt.Errorf("contact sheet %s: %w", i.Sheet, err)
		}
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(i)
	}
	return printInfo(c.App.Writer, i)
}

// sheetPath is where the sheet goes; "" for nowhere.
func sheetPath(asked, spec string) (string, error) {
	switch asked {
	case "none":
		return "", nil
	case "":
		name, _, _ := strings.Cut(spec, ":")
		asked = filepath.Join("runs", "data-"+name+".png")
		if err := os.MkdirAll("runs", 0o755); err != nil {
			return "", fmt.Errorf("contact sheet: %w", err)
		}
	}
	if _, err := os.Stat(filepath.Dir(asked)); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("contact sheet %s: there is no folder %s: make it, or name another file", asked, filepath.Dir(asked))
	}
	return asked, nil
}

func printInfo(w io.Writer, i run.Info) error {
	shape := fmt.Sprintf("%d × %d × %d", i.Channels, i.Height, i.Width)
	if i.Height == 1 {
		shape = fmt.Sprintf("features of %d numbers", i.Width)
	}
	split := "by seed"
	if i.Official {
		split = "test as the set comes, validation by seed"
	}
	classes := fmt.Sprintf("%d of %d to %d images, median %g", i.Classes, i.ImagesAClass.Min, i.ImagesAClass.Max, i.ImagesAClass.Median)
	if i.ImagesAClass.Min == i.ImagesAClass.Max {
		classes = fmt.Sprintf("%d, %d images each", i.Classes, i.ImagesAClass.Min)
	}
	lines := [][]string{
		{"data", i.Data},
		{"images", fmt.Sprintf("%d, %s, %.0f MiB", i.Images, shape, float64(i.Bytes)/(1<<20))},
		{"classes", classes},
		{"split", split},
	}
	for _, name := range []string{run.PartTrain, run.PartUnused, run.PartValidation, run.PartTest, run.PartQuery, run.PartGallery} {
		if n, ok := i.Parts[name]; ok {
			lines = append(lines, []string{"  " + name, fmt.Sprintf("%d classes, %d images", n.Classes, n.Images)})
		}
	}
	if i.SplitError != "" {
		lines = append(lines, []string{"  none", i.SplitError})
	}
	ranks := strings.Trim(strings.ReplaceAll(fmt.Sprint(i.Ranks), " ", ", "), "[]")
	lines = append(lines, []string{"recall at", ranks}, []string{"augment", i.Augment})
	if i.Cameras > 0 {
		lines = append(lines, []string{"cameras", fmt.Sprint(i.Cameras)})
	}
	if i.Junk+i.Distractors > 0 {
		lines = append(lines, []string{"gallery has", fmt.Sprintf("%d images that count as junk, %d distractors", i.Junk, i.Distractors)})
	}
	for _, left := range i.LeftOut {
		lines = append(lines, []string{"left out", fmt.Sprintf("%d: %s; the first: %s", left.Count, left.Reason, left.First)})
	}
	for _, note := range i.Notes {
		lines = append(lines, []string{"note", note})
	}
	if i.Broken > 0 {
		lines = append(lines, []string{"broken", fmt.Sprintf("%d left out, the first: %s", i.Broken, i.FirstBroken)})
	}
	if i.Sheet != "" {
		lines = append(lines, []string{"sheet", i.Sheet})
	}
	_, err := io.WriteString(w, listing(lines))
	return err
}

// listing is lines of a name and a text, the texts in one column.
func listing(lines [][]string) string {
	width := 0
	for _, l := range lines {
		width = max(width, len(l[0]))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-*s  %s\n", width, l[0], l[1])
	}
	return b.String()
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
	"crossbatch/trainer/data/sets"
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
				Description: "With --augment the sheet has, for each of some classes, one image and then what training sees of it.\n\n" +
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

// info is what data info tells.
type info struct {
	Data         string               `json:"data"`
	Channels     int                  `json:"channels"`
	Height       int                  `json:"height"`
	Width        int                  `json:"width"` // of features: numbers
	Classes      int                  `json:"classes"`
	Images       int                  `json:"images"`
	ImagesAClass spread               `json:"images_per_class"`
	Official     bool                 `json:"official"` // the test part is the one that the set comes with
	Ranks        []int                `json:"ranks"`    // that recall is reported at
	Augment      string               `json:"augment"`
	Parts        map[string]partCount `json:"parts,omitempty"`
	SplitError   string               `json:"split_error,omitempty"` // why it cannot be split
	Cameras      int                  `json:"cameras,omitempty"`
	Junk         int                  `json:"junk,omitempty"`        // images that are neither right nor wrong
	Distractors  int                  `json:"distractors,omitempty"` // images that match nothing
	LeftOut      []data.LeftOut       `json:"left_out,omitempty"`    // files that are none of the set's images
	Notes        []string             `json:"notes,omitempty"`
	Broken       int                  `json:"broken"` // images left out
	FirstBroken  string               `json:"first_broken,omitempty"`
	Sheet        string               `json:"sheet,omitempty"`
	Bytes        int                  `json:"bytes"` // of pixels or features
}

type spread struct {
	Min    int     `json:"min"`
	Median float64 `json:"median"`
	Max    int     `json:"max"`
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
	if err := errors.Join(s.Validate(), setting.Validate(s.dataSettings.list())); err != nil {
		return err
	}
	looked := &session{dataSettings: s.dataSettings, console: newConsole(c.App.ErrWriter)}
	if err := looked.load(s.Config); err != nil {
		return err
	}
	i, err := infoOf(looked.set, s.Config)
	if err != nil {
		return err
	}
	if i.Sheet, err = sheetPath(c.String("sheet"), s.Data.Set); err != nil {
		return err
	}
	if i.Sheet != "" {
		lines, err := sheetLines(looked.set, s.Config, c.IsSet("augment"))
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

func infoOf(set *data.Set, c trainer.Config) (info, error) {
	augment, err := set.Augmentation(c.Data.Augment)
	if err != nil {
		return info{}, err
	}
	i := info{
		Data: set.Name, Channels: set.Channels, Height: set.Height, Width: set.Width,
		Classes: set.Classes(), Images: set.Len(), Official: set.Official != nil, Ranks: trainer.Ranks(set),
		Augment: augment, Broken: len(set.Broken), Bytes: len(set.Pixels) + 4*len(set.Features),
	}
	if i.Broken > 0 {
		i.FirstBroken = set.Broken[0]
	}
	i.Cameras, i.LeftOut, i.Notes = len(set.CameraNames), set.LeftOut, set.Notes
	for k := range set.Len() {
		if set.IsJunk(k) {
			i.Junk++
		}
		if set.IsDistractor(k) {
			i.Distractors++
		}
	}
	sizes := make([]int, i.Classes)
	for _, label := range set.Labels {
		sizes[label]++
	}
	slices.Sort(sizes)
	if n := len(sizes); n > 0 {
		i.ImagesAClass = spread{sizes[0], float64(sizes[(n-1)/2]+sizes[n/2]) / 2, sizes[n-1]}
	}
	if split, err := c.Parts(set); err != nil {
		i.SplitError = err.Error()
	} else {
		i.Parts = countParts(set, split)
	}
	return i, nil
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

func printInfo(w io.Writer, i info) error {
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
	for _, name := range []string{partTrain, partUnused, partValidation, partTest, partQuery, partGallery} {
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

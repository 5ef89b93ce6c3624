package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"
	"go.yaml.in/yaml/v3"

	"crossbatch/eval/record"
	"crossbatch/eval/report"
	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

func reportCommand() *cli.Command {
	return &cli.Command{
		Name:      "report",
		Usage:     "make one page of the runs of a study",
		ArgsUsage: "DIR…",
		Description: "Reads the complete runs at and below each DIR, as xbm ablate and xbm train leave them, and writes\n" +
			"one HTML page that needs no other file and no network: scores against memory and batch size with\n" +
			"intervals over seeds, what is beyond them, cost against gain, drift, weights of pairs, retrievals,\n" +
			"and the command that makes each number again. Any other setting that varies has its part too.\n" +
			"Beside the page: a CSV file with a line for every run, the tables as Markdown, and every figure as\n" +
			"SVG and PNG.\n\n" +
			"Examples:\n" +
			"  xbm report runs/study --out report.html\n" +
			"  xbm report runs/a runs/b runs/b/without-memory --title \"Two losses\"",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "out", Value: "report.html", Usage: "`FILE` of the page; report.csv and report.md stand beside it"},
			&cli.StringFlag{Name: "figures", Usage: "`FOLDER` of the figures (default: that of the page, named like it with -figures)"},
			&cli.StringFlag{Name: "title", Usage: "`TEXT` above the page (default: what varies, on which data)"},
			&cli.BoolFlag{Name: "json", Usage: "print which files were written as one JSON object"},
		},
		Action: func(c *cli.Context) error {
			if !c.Args().Present() {
				return errors.New("give the folder of a study or of a run: xbm report runs/study")
			}
			w, err := reportJob{dirs: c.Args().Slice(), out: c.String("out"), figures: c.String("figures"), title: c.String("title")}.write()
			if err != nil {
				return err
			}
			if c.Bool("json") {
				return json.NewEncoder(c.App.Writer).Encode(w)
			}
			_, err = fmt.Fprintf(c.App.Writer, "%d runs of %d settings are in %s; the runs in %s, the tables in %s, %d figures in %s\n",
				w.Runs, w.Settings, w.Page, w.CSV, w.Tables, w.FigureCount, w.Figures)
			return err
		},
	}
}

// reportJob is what to write of which runs.
type reportJob struct {
	dirs                []string
	out, figures, title string
}

// written is what was.
type written struct {
	Page        string `json:"page"`
	CSV         string `json:"csv"`
	Tables      string `json:"tables"`
	Figures     string `json:"figures"`
	Runs        int    `json:"runs"`
	Settings    int    `json:"settings"`
	FigureCount int    `json:"figure_count"`
	Incomplete  int    `json:"incomplete"` // runs left out
}

// writeReport writes the report of the runs at and below dirs to the file out,
// with its tables and figures beside it.
func writeReport(dirs []string, out string) error {
	_, err := reportJob{dirs: dirs, out: out}.write()
	return err
}

func (j reportJob) write() (written, error) {
	base := strings.TrimSuffix(j.out, filepath.Ext(j.out))
	w := written{Page: j.out, CSV: base + ".csv", Tables: base + ".md", Figures: j.figures}
	if w.Figures == "" {
		w.Figures = base + "-figures"
	}
	if ext := filepath.Ext(j.out); ext != ".html" && ext != ".htm" {
		return w, fmt.Errorf("out is %q: give a file that ends in .html", j.out)
	}
	if err := isOurs(j.out); err != nil {
		return w, err
	}
	keys, err := reportKeys()
	if err != nil {
		return w, err
	}
	collection, err := report.Collect(j.dirs, keys)
	if err != nil {
		return w, err
	}
	page, err := collection.Page(j.title)
	if err != nil {
		return w, err
	}
	w.Runs, w.Settings, w.Incomplete = len(collection.Runs), len(collection.Cells), len(collection.Incomplete)
	for _, dir := range []string{filepath.Dir(j.out), w.Figures} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return w, fmt.Errorf("report: %w", err)
		}
	}
	put := func(path string, content func(io.Writer) error) {
		if err == nil {
			if err = record.WriteFile(path, content); err != nil {
				err = fmt.Errorf("%s was not written: %w", path, err)
			}
		}
	}
	for _, f := range page.Figures() {
		put(filepath.Join(w.Figures, f.Name+".svg"), f.SVG)
		put(filepath.Join(w.Figures, f.Name+".png"), f.PNG)
		w.FigureCount++
	}
	put(w.CSV, page.CSV)
	put(w.Tables, page.Markdown)
	put(w.Page, page.HTML)
	return w, err
}

// isOurs refuses a page that no report has written.
func isOurs(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	head := make([]byte, 1024)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("report: %s: %w", path, err)
	}
	if !bytes.Contains(head[:n], []byte(`content="xbm report"`)) {
		return fmt.Errorf("%s is there and was not made by xbm report: choose another --out", path)
	}
	return nil
}

// reportKeys is what a report must know of the settings.
func reportKeys() (report.Keys, error) {
	c := trainer.Default()
	text, err := yaml.Marshal(c)
	if err != nil {
		return report.Keys{}, fmt.Errorf("report: %w", err)
	}
	keys := report.Keys{
		Watching: setting.Keys(c.Settings(), func(s setting.Setting) bool { return s.Scope == setting.Watching }),
		Fitted:   setting.Keys(c.Settings(), func(s setting.Setting) bool { return s.Fitted }),
	}
	return keys, yaml.Unmarshal(text, &keys.Defaults)
}

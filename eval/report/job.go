package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"crossbatch/eval/record"
)

// Job is which runs to make a page of, and where.
type Job struct {
	Dirs    []string // the complete runs at and below each
	Out     string   // file of the page, that ends in .html; report.csv and report.md stand beside it
	Figures string   // folder of the figures; "": that of the page, named like it with -figures
	Title   string   // above the page; "": what varies, on which data
	Space   *Space   // a look at embeddings; nil: none
}

// Written is what was written.
type Written struct {
	Page        string `json:"page"`
	CSV         string `json:"csv"`
	Tables      string `json:"tables"`
	Figures     string `json:"figures"`
	Runs        int    `json:"runs"`
	Settings    int    `json:"settings"`
	FigureCount int    `json:"figure_count"`
	Incomplete  int    `json:"incomplete"` // runs left out
}

// Write writes the page with its tables and figures. A file that no report has written
// is not replaced.
func (j Job) Write(keys Keys) (Written, error) {
	base := strings.TrimSuffix(j.Out, filepath.Ext(j.Out))
	w := Written{Page: j.Out, CSV: base + ".csv", Tables: base + ".md", Figures: j.Figures}
	if w.Figures == "" {
		w.Figures = base + "-figures"
	}
	if ext := filepath.Ext(j.Out); ext != ".html" && ext != ".htm" {
		return w, fmt.Errorf("out is %q: give a file that ends in .html", j.Out)
	}
	if err := isOurs(j.Out); err != nil {
		return w, err
	}
	collection, err := Collect(j.Dirs, keys)
	if err != nil {
		return w, err
	}
	page, err := collection.Page(j.Title)
	if err != nil {
		return w, err
	}
	page.Space = j.Space
	w.Runs, w.Settings, w.Incomplete = len(collection.Runs), len(collection.Cells), len(collection.Incomplete)
	for _, dir := range []string{filepath.Dir(j.Out), w.Figures} {
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
		return fmt.Errorf("%s is there and was not made by xbm report: choose another file", path)
	}
	return nil
}

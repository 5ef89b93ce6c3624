package report

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"crossbatch/eval/report/chart"
)

//go:embed page.html.tmpl
var pageTemplate string

//go:embed page.css
var pageStyle string

// Page is a collection with all its figures, made once.
type Page struct {
	*Collection
	Title    string
	Space    *Space // nil: none
	sections []section
}

// Page makes the figures, for which it reads the runs' metrics. An empty title
// gives one.
func (c *Collection) Page(title string) (*Page, error) {
	if title == "" {
		title = c.title()
	}
	p := &Page{Collection: c, Title: title}
	drifts, err := c.drifts()
	if err != nil {
		return nil, err
	}
	weights, err := c.weighings()
	if err != nil {
		return nil, err
	}
	made, directions, err := c.causes()
	if err != nil {
		return nil, err
	}
	var causes []table
	if len(made.Rows) > 0 {
		causes = []table{made}
	}
	pictures, err := c.retrievals()
	if err != nil {
		return nil, err
	}
	var comparisons []table
	for axis := range c.Axes {
		if t, ok := c.comparisons(axis); ok {
			comparisons = append(comparisons, t)
		}
	}
	var prices []table
	scores := []table{c.scores()}
	if t, ok := c.sources(); ok {
		scores = append(scores, t)
	}
	if t, ok := c.priceList(); ok {
		prices = []table{t}
	}
	var untrained []table
	if t, ok := c.baselines(); ok {
		untrained = []table{t}
	}
	one := "Of the setting that validation prefers" + ofOthers(c) + ", with the largest memory of each batch size"
	p.sections = []section{
		{ID: "memory", Title: "By memory size", Figures: c.byMemory(),
			Text: "Bands are 95 % intervals of the mean over " + c.over() + ". The memory's axis is logarithmic; no memory stands by itself."},
		{ID: "batch", Title: "By batch size", Figures: c.byBatch(), Text: c.batchText()},
		{ID: "others", Title: "By other settings", Figures: append(c.byOther(), c.settings()...)},
		{ID: "map", Title: "Memory × batch", Figures: c.heats()},
		{ID: "scores", Title: "All scores", Tables: scores, Text: c.scoresText()},
		{ID: "differences", Title: "What is beyond chance", Figures: append(c.gains(), c.overtaking()...), Tables: comparisons,
			Text: "Runs of one seed are paired: they start from the same weights, and at one batch size see the same batches. Filled signs are of differences whose 95 % interval leaves zero out. Nothing is corrected for there being many comparisons: of twenty without any effect, one is beyond on average. That an interval holds zero does not say that two settings are equal: few seeds alone bring that about. So the tables have a test of that, too, within a point: equivalent, where two one-sided tests at 5 % say so (Schuirmann 1987), which is where the 90 % interval lies within ±1; different, where the 95 % interval lies beyond; and undecided, where it would take more seeds to say."},
		{ID: "baselines", Title: "Against no training", Figures: c.classified(), Tables: untrained, Text: c.baselineNotes()},
		{ID: "cost", Title: "Cost against gain", Figures: c.prices(), Tables: prices,
			Text: "Seconds are those of training on the machine as it was then, other work on it included. MiB of rows is what the memory itself takes; the peak is that of the whole process. A price for a point of recall is given where the gain is beyond its interval."},
		{ID: "causes", Title: "Causes beside effects", Figures: directions, Tables: causes,
			Text: "A memory stands for the training set: the gradient against it is worth as much as it points where the whole set's does. Figures are of the setting that validation prefers" + ofOthers(c) + "."},
		{ID: "drift", Title: "Drift", Figures: drifts,
			Text: one + ": how far the embeddings of the same images move, how far the rows in memory are from what the network would make of their images now, and what that does to the gradient. Bands reach from the least to the largest of the seeds."},
		{ID: "weights", Title: "Weights of pairs", Figures: weights,
			Text: one + ", the first seed: which pairs the gradient comes from, |w| = |∂L/∂S|."},
		{ID: "retrievals", Title: "Retrievals", Pictures: pictures,
			Text: "Of the setting that validation prefers, the first seed; blue frames are of the query's class, orange ones with a cross are not."},
	}
	return p, nil
}

// ofOthers says which values that setting has, of the axes but memory and batch.
func ofOthers(c *Collection) string {
	if name := c.name(c.bestCell(c.Cells), memoryKey, batchKey); name != "" {
		return " (" + name + ")"
	}
	return ""
}

func (c *Collection) batchText() string {
	if c.common("steps") == several {
		return "The number of steps differs from batch size to batch size: see the table of all scores."
	}
	return "All take the same number of steps, so a larger batch sees more images."
}

func (c *Collection) scoresText() string {
	if len(c.Cells) < 2 {
		return ""
	}
	return "In bold the setting with the highest MAP@R of the validation classes."
}

// Figures are all figures, for files of their own.
func (p *Page) Figures() (all []*chart.Figure) {
	for _, s := range p.sections {
		all = append(all, s.Figures...)
	}
	return all
}

// HTML writes the page: one file that needs no other and no network.
func (p *Page) HTML(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"svg": func(f *chart.Figure) (template.HTML, error) {
			var b strings.Builder
			err := f.Inline(&b)
			return template.HTML(b.String()), err
		},
		"png": func(b []byte) template.URL {
			return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(b))
		},
		"words": func(t table, i int) bool { return i < t.Left },
	}).Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	var sections []section
	for _, s := range p.sections {
		if len(s.Figures)+len(s.Tables)+len(s.Pictures) > 0 {
			sections = append(sections, s)
		}
	}
	style := template.CSS(chart.CSS() + pageStyle)
	if p.Space != nil {
		s, err := p.Space.section()
		if err != nil {
			return err
		}
		sections, style = append(sections, s), style+spaceStyle()
	}
	return t.Execute(w, map[string]any{
		"Title": p.Title, "Style": style, "Summary": p.summary(), "Findings": p.findings(),
		"Sections": sections, "MadeBy": p.madeBy(), "Commands": p.commandList(), "Runs": p.runList(), "Environments": p.environments(),
	})
}

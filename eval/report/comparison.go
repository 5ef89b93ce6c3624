package report

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"crossbatch/eval"
	"crossbatch/eval/record"
)

// Comparison is two settings, each of one run or of one for each of several seeds,
// side by side.
type Comparison struct {
	A      []string     `json:"a"` // the runs' folders
	B      []string     `json:"b"`
	Config []Changed    `json:"config"`
	Scores []ScoreDelta `json:"scores"`
	Pairs  int          `json:"pairs"` // runs that have the same seed
}

// Changed is a key of the configuration that differs.
type Changed struct {
	Key string `json:"key"`
	A   string `json:"a"`
	B   string `json:"b"`
}

// ScoreDelta is one number of both settings: means over their runs.
type ScoreDelta struct {
	Name   string   `json:"name"`
	A      Measured `json:"a"`
	B      Measured `json:"b"`
	Change Measured `json:"change"` // B less A; of several seeds the mean of those that both have
	// Equality says of a share and several seeds whether the change is zero within a
	// point: equivalent, different, or undecided.
	Equality string `json:"within_a_point,omitempty"`
	Share    bool   `json:"-"` // a share from 0 to 1, shown in percent
}

// Measured is a number with what is known of its uncertainty.
type Measured struct {
	Mean float64 `json:"mean"`
	// Half is half of the 95 % interval over seeds (Student's t); nil for one seed.
	Half *float64 `json:"half,omitempty"`
	// Low and High are 95 % bounds over resamples of the queries, of a single run
	// that has them.
	Low  *float64 `json:"low,omitempty"`
	High *float64 `json:"high,omitempty"`
}

// Compare reads the settings a and b: each a run, or a folder with runs that differ
// in their seeds alone.
func Compare(a, b string, keys Keys) (*Comparison, error) {
	if filepath.Clean(a) == filepath.Clean(b) {
		return nil, fmt.Errorf("%s is compared with itself: give two folders of runs", a)
	}
	cells := make([]*Cell, 2)
	for i, dir := range []string{a, b} {
		cell, err := setting(dir, keys)
		if err != nil {
			return nil, err
		}
		cells[i] = cell
	}
	fillAbsent(slices.Concat(cells[0].Runs, cells[1].Runs))
	c := &Comparison{A: names(cells[0]), B: names(cells[1]), Config: changed(cells[0], cells[1])}
	pairs, _ := paired(cells[0], cells[1], seconds)
	c.Pairs = len(pairs)
	for _, m := range measures(cells[0].Runs[0].Outcome) {
		d := ScoreDelta{Name: m.name, Share: m.share, A: m.measure(cells[0]), B: m.measure(cells[1])}
		if c.Pairs > 1 {
			sample, splits := paired(cells[1], cells[0], m.of)
			d.Change = measured(overSplits(sample, splits))
			if m.share {
				for i := range sample {
					sample[i] *= 100
				}
				d.Equality = equality(sample, splits)
			}
		} else {
			d.Change = Measured{Mean: d.B.Mean - d.A.Mean}
		}
		if !math.IsNaN(d.A.Mean) && !math.IsNaN(d.B.Mean) {
			c.Scores = append(c.Scores, d)
		}
	}
	return c, nil
}

// setting is the runs of one setting.
func setting(dir string, keys Keys) (*Cell, error) {
	paths := []string{dir}
	if !record.IsRun(dir) {
		found, err := record.Find(dir)
		if err != nil {
			return nil, fmt.Errorf("report: %w", err)
		}
		if paths = found; len(paths) == 0 {
			return nil, fmt.Errorf("report: %s: %w in it or below: give the folder of a run", dir, record.ErrNoRun)
		}
	}
	c, err := read(paths, keys)
	switch {
	case err != nil:
		return nil, err
	case len(c.Runs) == 0:
		return nil, fmt.Errorf("report: %s: the run is not complete: finish it first", dir)
	case len(c.Cells) > 1:
		return nil, fmt.Errorf("report: %s holds runs of %d settings: give one, or see xbm report %s", dir, len(c.Cells), dir)
	}
	return c.Cells[0], nil
}

func names(cell *Cell) (all []string) {
	for _, r := range cell.Runs {
		all = append(all, r.Name)
	}
	return all
}

// changed are the keys that differ, but for seeds of which there are several.
func changed(a, b *Cell) (all []Changed) {
	var keys []string
	for key := range a.Runs[0].config {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, key := range keys {
		if key == seedKey && len(a.Runs)+len(b.Runs) > 2 {
			continue
		}
		if x, y := a.config(key), b.config(key); x != y {
			all = append(all, Changed{key, shown(x), shown(y)})
		}
	}
	return all
}

// measure is one number of a run.
type measure struct {
	name  string
	share bool
	of    func(*record.Outcome) float64
	bound func(*eval.Bootstrap) (low, high float64) // nil: there is none
}

// measures are the numbers of a run that are compared.
func measures(like *record.Outcome) (all []measure) {
	for _, r := range like.Test.Recall {
		all = append(all, measure{fmt.Sprintf("recall@%d", r.K), true,
			func(o *record.Outcome) float64 { return recallAt(o.Test.Scores, r.K) },
			func(b *eval.Bootstrap) (float64, float64) {
				low, _ := b.Low.Recall.At(r.K)
				high, _ := b.High.Recall.At(r.K)
				return low, high
			}})
	}
	optional := func(x *float64) float64 {
		if x == nil {
			return math.NaN()
		}
		return *x
	}
	return append(all,
		measure{"R-precision", true, func(o *record.Outcome) float64 { return o.Test.RPrecision },
			func(b *eval.Bootstrap) (float64, float64) { return b.Low.RPrecision, b.High.RPrecision }},
		measure{"MAP@R", true, func(o *record.Outcome) float64 { return o.Test.MAPAtR },
			func(b *eval.Bootstrap) (float64, float64) { return b.Low.MAPAtR, b.High.MAPAtR }},
		measure{"NMI", true, func(o *record.Outcome) float64 { return optional(o.Test.NMI) }, nil},
		measure{"AMI", true, func(o *record.Outcome) float64 { return optional(o.Test.AMI) }, nil},
		measure{"validation MAP@R", true, validated().of, nil},
		measure{"seconds of training", false, seconds, nil},
		measure{"images/s", false, func(o *record.Outcome) float64 { return o.ImagesPerSecond }, nil},
		measure{"peak MiB", false, peak, nil},
	)
}

// measure is the number of a cell.
func (m measure) measure(cell *Cell) Measured {
	found := measured(overSplits(cell.measure(m.of), cell.splits()))
	if b := cell.Runs[0].Outcome.Test.Bootstrap; m.bound != nil && b != nil && len(cell.Runs) == 1 {
		low, high := m.bound(b)
		found.Low, found.High = &low, &high
	}
	return found
}

func measured(mean, half float64) Measured {
	if math.IsNaN(half) {
		return Measured{Mean: mean}
	}
	return Measured{Mean: mean, Half: &half}
}

// Beyond says whether the change's interval leaves zero out; ok is false where
// there is none.
func (d ScoreDelta) Beyond() (beyond, ok bool) {
	if d.Change.Half == nil {
		return false, false
	}
	return math.Abs(d.Change.Mean) > *d.Change.Half, true
}

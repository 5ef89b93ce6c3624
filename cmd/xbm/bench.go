package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"

	"crossbatch/xbm/kernel"
)

func benchCommand() *cli.Command {
	return &cli.Command{
		Name:  "bench",
		Usage: "measure how fast this machine does the heavy parts",
		Description: "Each measurement stands beside the peak: what the same cores reach in the innermost loop of\n" +
			"a matrix product, measured in turns with it. Only products that the method cannot do without\n" +
			"are counted, so that work that is saved shows as speed.",
		Subcommands: []*cli.Command{benchMemoryCommand(), benchTrainCommand(), benchEvalCommand(), benchGemmCommand()},
	}
}

var benchJSON = &cli.BoolFlag{Name: "json", Usage: "print one JSON object a line instead of the table"}

// benchmark is one line of a table of measurements.
type benchmark struct {
	Name          string  `json:"name"`
	Shape         string  `json:"shape"`
	MedianMS      float64 `json:"median_ms"`
	MinMS         float64 `json:"min_ms"`
	GFLOPS        float64 `json:"gflops"` // at the median
	PercentOfPeak float64 `json:"percent_of_peak"`
	ExtraBytes    uint64  `json:"extra_bytes"` // all that the first time allocated
	Times         int     `json:"times"`
	PeakGFLOPS    float64 `json:"peak_gflops"`
}

// measure calls once for about the given time, at least three times, and in turns
// with the peak. prepare, which may be nil, comes before each call, untimed.
func (b *benchmark) measure(flop float64, about time.Duration, prepare func(), once func() error) error {
	const turns = 10
	var took, peaks []float64
	for start, turn := time.Now(), 0; turn < 3 || time.Since(start) < about; turn++ {
		peaks = append(peaks, kernel.Peak(about/turns/20))
		for began, calls := time.Now(), 0; calls == 0 || time.Since(began) < about/turns; calls++ {
			if prepare != nil {
				prepare()
			}
			at := time.Now()
			if err := once(); err != nil {
				return err
			}
			took = append(took, time.Since(at).Seconds())
		}
	}
	slices.Sort(took)
	slices.Sort(peaks)
	median := took[len(took)/2]
	b.MedianMS, b.MinMS, b.Times = 1e3*median, 1e3*took[0], len(took)
	b.GFLOPS = flop / median / 1e9
	b.PeakGFLOPS = peaks[len(peaks)/2]
	b.PercentOfPeak = 100 * b.GFLOPS / b.PeakGFLOPS
	return nil
}

// benchTable prints measurements as they come.
type benchTable struct {
	out  io.Writer
	json bool
	rows []benchmark
}

func (t *benchTable) add(b benchmark) error {
	if t.json {
		return json.NewEncoder(t.out).Encode(b)
	}
	t.rows = append(t.rows, b)
	return nil
}

func (t *benchTable) print() error {
	if t.json {
		return nil
	}
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\tshape\tmedian ms\tmin ms\tGFLOP/s\tof peak\textra MiB\t")
	for _, b := range t.rows {
		fmt.Fprintf(w, "%s\t%s\t%.2f\t%.2f\t%.0f\t%.0f %%\t%.1f\t\n",
			b.Name, b.Shape, b.MedianMS, b.MinMS, b.GFLOPS, b.PercentOfPeak, float64(b.ExtraBytes)/(1<<20))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(t.out, "peak: %.0f GFLOP/s on the cores in use\n", t.rows[len(t.rows)-1].PeakGFLOPS)
	return err
}

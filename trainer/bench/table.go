package bench

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// rightAligned is a table of columns that end together.
func rightAligned(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// WriteMeasurements writes measurements as a table for people, and the last one's peak.
func WriteMeasurements(w io.Writer, all []Measurement) error {
	table := rightAligned(w)
	fmt.Fprintln(table, "\tshape\tmedian ms\tmin ms\tGFLOP/s\tof peak\textra MiB\t")
	for _, b := range all {
		fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t%.0f\t%.0f %%\t%.1f\t\n",
			b.Name, b.Shape, b.MedianMS, b.MinMS, b.GFLOPS, b.PercentOfPeak, float64(b.ExtraBytes)/(1<<20))
	}
	if err := table.Flush(); err != nil || len(all) == 0 {
		return err
	}
	_, err := fmt.Fprintf(w, "peak: %.0f GFLOP/s on the cores in use\n", all[len(all)-1].PeakGFLOPS)
	return err
}

// WriteThroughputs writes throughputs as a table for people.
func WriteThroughputs(w io.Writer, all []Throughput) error {
	table := rightAligned(w)
	fmt.Fprintln(table, "\tshape\tmedian ms\tmin ms\timages/s\textra KiB\t")
	for _, t := range all {
		fmt.Fprintf(table, "%s\t%s\t%.2f\t%.2f\t%.0f\t%.0f\t\n", t.Name, t.Shape, t.MedianMS, t.MinMS, t.Images, float64(t.ExtraBytes)/1024)
	}
	return table.Flush()
}

// WritePolicies writes policies of one memory term as a table for people, beside a
// plain ring.
func WritePolicies(w io.Writer, all []Policy) error {
	table := rightAligned(w)
	for i, p := range all {
		if i == 0 {
			fmt.Fprintf(table, "%s, %s\tms a step\tring's ms\tof ring's\textra MiB\t\n", p.Loss, p.Shape)
		}
		fmt.Fprintf(table, "%s\t%.2f\t%.2f\t%.2f ×\t%.1f\t\n", p.Name, p.MS, p.RingMS, p.OfRing, float64(p.ExtraBytes)/(1<<20))
	}
	return table.Flush()
}

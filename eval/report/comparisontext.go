package report

import (
	"fmt"
	"math"
)

// Text is the comparison as tables for people, scores in percent. a and b are the
// folders that were compared.
func (c *Comparison) Text(a, b string) string {
	config := [][]string{{"setting", "A", "B"}}
	for _, k := range c.Config {
		config = append(config, []string{k.Key, k.A, k.B})
	}
	if len(c.Config) == 0 {
		config = [][]string{{"no setting differs"}}
	}
	scores := [][]string{{"", "A", "B", "B less A", "", ""}}
	if c.Pairs > 1 {
		scores[0][5] = "within a point"
	}
	bounds := false
	for _, d := range c.Scores {
		beyond := ""
		if yes, _ := d.Beyond(); yes {
			beyond = "beyond the interval"
		}
		scores = append(scores, []string{d.Name, d.A.text(d.Share, false), d.B.text(d.Share, false), d.Change.text(d.Share, true), beyond, d.Equality})
		bounds = bounds || d.A.Low != nil || d.B.Low != nil
	}
	return fmt.Sprintf("A  %s\nB  %s\n\n%s\n%s\n%s\n", runNames(a, c.A), runNames(b, c.B), Align(config), Align(scores), c.explanation(bounds))
}

func runNames(dir string, runs []string) string {
	if len(runs) > 1 {
		return fmt.Sprintf("%s (%d runs)", dir, len(runs))
	}
	return runs[0]
}

// explanation says what the numbers are.
func (c *Comparison) explanation(bounds bool) string {
	text := "Scores of the test classes in percent"
	if c.Pairs > 1 {
		return text + fmt.Sprintf(": mean ± half of the 95 %% interval (Student's t); differences of %d pairs of one seed. Within a point: equivalent, where two one-sided tests at 5 %% say so; different, where the interval lies beyond; else undecided.", c.Pairs)
	}
	if bounds {
		text += ", in brackets 95 % bounds over resamples of the queries"
	}
	return text + ". How far they scatter from seed to seed, single runs cannot tell."
}

// text is a number with its uncertainty for people.
func (m Measured) text(share, signed bool) string {
	show := func(x float64) string {
		switch {
		case share:
			return fmt.Sprintf("%.1f", 100*x)
		case math.Abs(x) >= 1000:
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.3g", x)
	}
	text := show(m.Mean)
	if text == "-0.0" {
		text = "0.0"
	}
	if signed && text[0] != '-' {
		text = "+" + text
	}
	switch {
	case m.Half != nil:
		text += " ± " + show(*m.Half)
	case m.Low != nil:
		text += " (" + show(*m.Low) + "–" + show(*m.High) + ")"
	}
	return text
}

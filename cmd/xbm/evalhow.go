package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/verification"
	"crossbatch/trainer/run"
)

// readHow reads how to evaluate; its verification is nil unless asked for.
func readHow(c *cli.Context) (h run.How, err error) {
	if err := threads(c); err != nil {
		return h, err
	}
	h.Full, h.ClassMeans, h.Resamples, h.Seed, h.Most, h.Draws = true, true, c.Int("resamples"), c.Uint64("seed"), run.Patient, c.Int("draws")
	if c.IsSet("full") {
		if h.Full = c.Bool("full"); h.Full {
			h.Most = 0
		}
	}
	if h.Resamples < 0 {
		return h, fmt.Errorf("resamples is %d: give 0 or more", h.Resamples)
	}
	if c.IsSet("draws") && h.Draws < 2 {
		return h, fmt.Errorf("draws is %d: give 2 or more, the field takes 10", h.Draws)
	}
	if err := h.Distance.UnmarshalText([]byte(c.String("distance"))); err != nil {
		return h, fmt.Errorf("distance is %q: give euclidean or cosine", c.String("distance"))
	}
	task := verification.Task{Distance: h.Distance}
	ranks, err := numbersOf(c.String("ranks"))
	for _, k := range ranks {
		if err != nil || k < 1 || k != float64(int(k)) {
			break
		}
		h.Ranks = append(h.Ranks, int(k))
	}
	if err != nil || len(h.Ranks) < len(ranks) {
		return h, fmt.Errorf("ranks is %q: give whole numbers from 1, separated by commas", c.String("ranks"))
	}
	if task.FARs, err = numbersOf(c.String("far")); err != nil || slices.ContainsFunc(task.FARs, func(f float64) bool { return !(f > 0 && f <= 1) }) {
		return h, fmt.Errorf("far is %q: give rates above 0, up to 1, separated by commas", c.String("far"))
	}
	if c.IsSet("threshold") {
		threshold := c.Float64("threshold")
		task.Threshold = &threshold
	}
	if c.Bool("verification") || c.IsSet("pairs") {
		h.Verification = &task
	} else if name := isSetAny(c, "far", "threshold"); name != "" {
		return h, fmt.Errorf("--%s goes with --verification or --pairs", name)
	}
	return h, nil
}

// numbersOf reads numbers that commas part.
func numbersOf(text string) (numbers []float64, err error) {
	if text == "" {
		return nil, nil
	}
	for _, word := range strings.Split(text, ",") {
		x, err := strconv.ParseFloat(strings.TrimSpace(word), 64)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, x)
	}
	return numbers, nil
}

// isSetAny returns the first of these flags that was given, "" for none.
func isSetAny(c *cli.Context, names ...string) string {
	if i := slices.IndexFunc(names, c.IsSet); i >= 0 {
		return names[i]
	}
	return ""
}

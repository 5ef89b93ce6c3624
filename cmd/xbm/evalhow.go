package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
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
	if h.Ranks, err = eval.ParseRanks(c.String("ranks")); err != nil {
		return h, err
	}
	if task.FARs, err = verification.ParseFARs(c.String("far")); err != nil {
		return h, err
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

// isSetAny returns the first of these flags that was given, "" for none.
func isSetAny(c *cli.Context, names ...string) string {
	if i := slices.IndexFunc(names, c.IsSet); i >= 0 {
		return names[i]
	}
	return ""
}

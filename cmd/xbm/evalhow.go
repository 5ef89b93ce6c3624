package main

import (
	"fmt"
	"slices"

	"github.com/urfave/cli/v2"

	"crossbatch/eval"
	"crossbatch/eval/verification"
	"crossbatch/trainer/run"
	"crossbatch/trainer/setting/flags"
)

// readHow reads how to evaluate; its verification is nil unless asked for.
func readHow(c *cli.Context) (h run.How, err error) {
	if err := threads(c); err != nil {
		return h, err
	}
	h = run.DefaultHow()
	flags.Apply(c, h.Settings())
	if err := h.Validate(); err != nil {
		return h, err
	}
	if c.IsSet("full") {
		if h.Full = c.Bool("full"); h.Full {
			h.Most = 0
		}
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

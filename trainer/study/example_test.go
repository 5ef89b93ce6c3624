package study_test

import (
	"context"
	"fmt"
	"os"

	"crossbatch/trainer"
	"crossbatch/trainer/study"
)

// Memory against batch size: four runs, of which two are at work at a time.
func ExampleRunner_Grid() {
	dir, err := os.MkdirTemp("", "study-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim = "glyphs-small", 8, 32
	c.Loss.Spec, c.Steps, c.Watch.ValidateEvery, c.Memory.Start = "multi-similarity", 60, 30, 10

	r := study.Runner{Dir: dir, Jobs: 2}
	result, err := r.Grid(context.Background(), study.Grid{Base: c, Seeds: 1, Axes: []study.Axis{
		{Key: "memory", Values: []string{"0", "100%"}}, {Key: "batch", Values: []string{"8", "32"}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Size)
	best := result.Runs[0]
	for _, r := range result.Runs {
		fmt.Printf("memory %s is %d rows, batch %s\n", r.Settings["memory"], r.MemoryRows, r.Settings["batch"])
		if r.Test.MAPAtR > best.Test.MAPAtR {
			best = r
		}
	}
	fmt.Println("best: batch", best.Settings["batch"])
	// Output:
	// 4 runs of 60 steps
	// memory 0 is 0 rows, batch 8
	// memory 0 is 0 rows, batch 32
	// memory 100% is 1510 rows, batch 8
	// memory 100% is 1510 rows, batch 32
	// best: batch 32
}

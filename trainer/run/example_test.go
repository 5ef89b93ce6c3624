package run_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

// A small network learns letters with a memory of past batches. What it comes to on
// letters in other typefaces is held against the network as it began.
func Example() {
	dir, err := os.MkdirTemp("", "run-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim, c.Batch.Size = "glyphs-small", 8, 32, 16
	c.Loss.Spec, c.Steps, c.Watch.ValidateEvery, c.Memory.Start = "multi-similarity", 200, 50, 30

	var s run.Session
	o, err := s.Train(context.Background(), run.Job{Config: c, Dir: filepath.Join(dir, "letters"), Baselines: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	untrained := o.Baselines[len(o.Baselines)-1]
	began, _ := untrained.Test.Recall.At(1)
	fmt.Printf("a memory of %d rows, %d steps\n", o.MemoryRows, o.Steps)
	fmt.Printf("%s, better by a third: %t\n", untrained.Name, o.Test.PrecisionAt1 > 4./3*began)
	// Output:
	// a memory of 1510 rows, 200 steps
	// untrained network, better by a third: true
}

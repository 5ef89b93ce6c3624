package trainer_test

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer"
	"crossbatch/trainer/setting"
)

// A configuration that a program makes is checked as one from flags or a file.
func ExampleConfig_Validate() {
	c := trainer.Default()
	c.Network.Dim = 64
	c.Memory = trainer.MemoryConfig{Size: "50%", Combine: trainer.PML, Weight: 1}
	fmt.Println(c.Validate())

	c.Memory.Weight = 0
	fmt.Println(c.Validate())

	c.Memory.Weight, c.Loss.Spec = 1, "contrastive:margin=0.3"
	fmt.Println(c.Validate())
	// Output:
	// <nil>
	// trainer: memory-weight is 0: give a value above 0 (for no memory: memory 0)
	// loss "contrastive:margin=0.3": there is no parameter margin: known are distance, pos_margin, neg_margin, reduction
}

// Every setting says what it is, so that a program can offer it without knowing it.
func ExampleConfig_Settings() {
	c := trainer.Default()
	for _, key := range []string{"memory-weight", "warmup", "combine"} {
		s, _ := setting.Find(c.Settings(), key)
		fmt.Printf("%s = %v (%s): %s\n", s.Key, s.Get(), s.Unit, s.Range)
	}
	warmup, _ := setting.Find(c.Settings(), "warmup")
	fmt.Println(warmup.Set("200"), c.Optimizer.Warmup)
	// Output:
	// memory-weight = 1 (factor): a value above 0 (for no memory: memory 0)
	// warmup = 0 (steps): 0 or more
	// combine = both (): one of both, paper, pml
	// <nil> 200
}

// A file holds the settings by their keys, those that a run does not use left out.
func ExampleConfig_UnmarshalYAML() {
	c := trainer.Default()
	file := "loss: multi-similarity\nmemory: 2048\nmax-age: 300\n"
	fmt.Println(yaml.Unmarshal([]byte(file), &c))
	fmt.Println(c.Loss.Spec, c.Memory.Size, c.Memory.MaxAge, c.Batch.Size)
	// Output:
	// <nil>
	// multi-similarity 2048 300 32
}

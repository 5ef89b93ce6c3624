//go:build nvidia

package cuda_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/reference"
	"crossbatch/xbm"
	"crossbatch/xbm/device"
	"crossbatch/xbm/pair"
)

// The reference cases of a memory, in float32 on the device: loss and gradient of each step
// are those that PyTorch computed in float64, to 1e-4.
func TestReferenceCases(t *testing.T) {
	d, err := device.Config{Name: "cuda:0", Precision: device.FP32}.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	paths, err := filepath.Glob("../../../testdata/reference/cases/memory-*.json")
	if err != nil || len(paths) < 30 {
		t.Fatalf("%d cases, %v", len(paths), err)
	}
	var taken, left []string
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		counted := &countedMemory{on: d.NewMemory()}
		off, err := reference.CheckOn(counted, content)
		if err != nil || off.Past() {
			t.Errorf("%s: %v, %v", name, off, err)
		}
		if err := counted.on.Close(); err != nil {
			t.Fatal(err)
		}
		if counted.taken > 0 {
			taken = append(taken, name+" "+off.String())
		} else {
			left = append(left, name)
		}
	}
	t.Logf("%d on the device:\n%s\n%d by the processor:\n%s", len(taken), strings.Join(taken, "\n"), len(left), strings.Join(left, "\n"))
	if len(taken) < 17 {
		t.Errorf("the device takes %d cases, want 17 or more", len(taken))
	}
}

// countedMemory counts what the device takes.
type countedMemory struct {
	on    *device.Memory
	taken int
}

var _ xbm.Device = (*countedMemory)(nil)

func (c *countedMemory) Run(dst []float32, p *pair.Problem, l pair.Loss) (s pair.Summary, taken bool, err error) {
	s, taken, err = c.on.Run(dst, p, l)
	if taken {
		c.taken++
	}
	return s, taken, err
}

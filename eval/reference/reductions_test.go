package reference

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Each reduction of each loss, within a batch and against a memory, has the numbers of
// pytorch-metric-learning's reducers.
func TestReductionsHaveTheReferencesNumbers(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "reference", "reductions.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []json.RawMessage
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 100 {
		t.Errorf("there are only %d cases", len(cases))
	}
	for _, c := range cases {
		var of struct {
			Kind string         `json:"kind"`
			Loss map[string]any `json:"loss"`
		}
		if err := json.Unmarshal(c, &of); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(of.Kind, " ", spec(of.Loss)), func(t *testing.T) {
			if e, err := Check(c); err != nil || e.Past() {
				t.Errorf("%+v, %v", e, err)
			}
		})
	}
}

package study

import (
	"strings"
	"testing"
)

func TestParseCell(t *testing.T) {
	env := func(key string) string { return map[string]string{"SLURM_ARRAY_TASK_ID": "4"}[key] }
	for text, want := range map[string]int{"7": 7, "array": 4} {
		if got, err := ParseCell(text, env); err != nil || got != want {
			t.Errorf("%s: %d, want %d: %v", text, got, want, err)
		}
	}
	if _, err := ParseCell("x", env); err == nil || !strings.Contains(err.Error(), `--cell is "x": give a number, or array`) {
		t.Error(err)
	}
}

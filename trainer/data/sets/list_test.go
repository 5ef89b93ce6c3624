package sets

import (
	"strings"
	"testing"
)

func TestListHasALineForEachSet(t *testing.T) {
	lines := strings.SplitAfter(List("> "), "\n")
	specs := Specs()
	if len(lines) != len(specs)+1 || lines[len(specs)] != "" {
		t.Fatalf("%d lines for %d sets", len(lines)-1, len(specs))
	}
	at := strings.Index(lines[0], specs[0].Description)
	for i, s := range specs {
		if !strings.HasPrefix(lines[i], "> "+s.Name+" ") || strings.Index(lines[i], s.Description) != at {
			t.Errorf("%q", lines[i])
		}
	}
}

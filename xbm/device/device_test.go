package device

import (
	"strings"
	"testing"
)

func TestTableHasTheProcessor(t *testing.T) {
	if s := Table(); !strings.HasPrefix(s, "cpu ") || strings.Count(s, "\n") < 2 {
		t.Errorf("devices:\n%s", s)
	}
}

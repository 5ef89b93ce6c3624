package bench

import (
	"strings"
	"testing"
)

func TestParseShapes(t *testing.T) {
	if shapes, err := ParseShapes("64x128x1048576", "1x2x3"); err != nil || shapes[0] != (Shape{64, 128, 1 << 20}) || shapes[1].String() != "1x2x3" {
		t.Errorf("%v (%v)", shapes, err)
	}
	for _, bad := range []string{"", "3x4", "3x4x5x6", "3x0x4", "3x-1x4", "3xax4", "1x1x1048577"} {
		if _, err := ParseShapes("1x1x1", bad); err == nil || !strings.Contains(err.Error(), `shape "`+bad+`"`) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

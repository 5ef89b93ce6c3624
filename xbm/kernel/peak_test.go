package kernel

import (
	"runtime"
	"testing"
	"time"
)

func TestPeak(t *testing.T) {
	if p := Peak(time.Millisecond); !(p > 0) {
		t.Errorf("peak of %d cores: %g", runtime.GOMAXPROCS(0), p)
	}
}

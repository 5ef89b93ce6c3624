package run

import (
	"runtime"
	"strings"
	"testing"
)

// allocates runs f and fails if it allocates more than a bound, in bytes.
func allocates(t *testing.T, most int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > uint64(most) {
		t.Errorf("%d bytes were allocated, want at most %d", got, most)
	}
}

// Whatever a configuration file holds, it is refused in one line that names it, or
// validated.
func FuzzConfig(f *testing.F) {
	f.Add([]byte("data: glyphs-small\nbatch: 16\nloss: margin:learn_beta=true\nmemory: \"60\"\nstart: auto\nprefill: true\ncheckpoint-every: 4\n"))
	f.Add([]byte("a: &a [*a, *a]\nmemory: *a\n"))
	f.Add([]byte("memory: [\n"))
	f.Add([]byte("steps: 1e99\nseed: -1\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		allocates(t, 16<<20+1000*len(text), func() {
			s := DefaultSettings()
			err := s.parse("x.yaml", text)
			if err == nil {
				if err = s.Validate(); err == nil {
					s.Differences(DefaultSettings().Config)
				}
				return
			}
			if !strings.HasPrefix(err.Error(), "config x.yaml: ") {
				t.Errorf("%v: does not name the file", err)
			}
		})
	})
}

package reference

import (
	"os"
	"path/filepath"
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

// Whatever a case of reference numbers holds, it is checked or refused.
func FuzzVerifyCase(f *testing.F) {
	cases, err := filepath.Glob("../../testdata/reference/cases/*.json")
	if err != nil || len(cases) == 0 {
		f.Fatalf("no cases (%v)", err)
	}
	seen := map[string]bool{}
	for _, path := range cases {
		kind, _, _ := strings.Cut(filepath.Base(path), "-")
		if text, err := os.ReadFile(path); err == nil && !seen[kind] {
			seen[kind] = true
			f.Add(text)
		}
	}
	f.Add([]byte(`{"kind":"memory","capacity":1000000000000,"dim":1000000,"loss":{"name":"contrastive"}}`))
	f.Add([]byte(`{"kind":"proxy","dim":0,"loss":{"name":"arcface"},"weight":[1],"weight_shape":[1,1],"embeddings":[1],"labels":[0],"want":{"weight_grad":[1]}}`))
	f.Add([]byte(`{"kind":"metrics","dim":2,"embeddings":[1,2,3,4],"labels":[0,0],"want":{"recall":{"1000000000":1}}}`))
	f.Add([]byte(`{"kind":"loss","dim":1,"loss":{"name":"histogram","bins":1000},"embeddings":[1,2,3],"labels":[0,0,1],"want":{"grad":[]}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		allocates(t, 64<<20+1000*len(text), func() {
			if e, err := Check(text); err == nil {
				_ = e.String()
			}
		})
	})
}

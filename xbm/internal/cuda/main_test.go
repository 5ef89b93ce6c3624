//go:build nvidia

package cuda

import (
	"os"
	"testing"

	"crossbatch/xbm/internal/cuda/cudatest"
)

func fake() cudatest.Fake { return cudatest.Fake{Maker: "fake/make"} }

func TestMain(m *testing.M) { os.Exit(fake().Main(m)) }

// open opens the first device, in debug mode.
func open(t *testing.T) *Context {
	t.Helper()
	c, err := Open(0, Options{Debug: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return c
}

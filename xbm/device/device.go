// Package device opens a graphics card to take the heavy parts of a training from the
// processor: networks, the sweep of a batch over the memory, and searches. It needs a
// program built with make build-cuda.
package device

import (
	"fmt"
	"runtime"
	"strings"

	"crossbatch/xbm/internal/cuda"
)

// Table lists this machine's devices, a line each, and why there are no others.
func Table() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cpu     %s, %d threads\n", runtime.GOARCH, runtime.GOMAXPROCS(0))
	cards, err := cuda.Devices()
	for _, c := range cards {
		fmt.Fprintln(&b, c)
	}
	if err != nil {
		fmt.Fprintf(&b, "no card: %v\n", err)
	}
	return b.String()
}

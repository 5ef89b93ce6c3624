package record

import (
	"runtime"
	"testing"
)

func TestPeakMemory(t *testing.T) {
	got, ok := highWater([]byte("Name:\txbm\nVmPeak:\t  999 kB\nVmHWM:\t   1234 kB\nVmRSS:\t 1 kB\n"))
	if !ok || got != 1234<<10 {
		t.Errorf("%d (%v), want 1234 KiB", got, ok)
	}
	if _, ok := highWater([]byte("Name:\txbm\n")); ok {
		t.Error("a peak is read where none is")
	}
	ResetPeakMemory()
	before := PeakMemory()
	const grown = 64 << 20
	big := make([]byte, grown)
	for i := 0; i < len(big); i += 1024 {
		big[i] = 1
	}
	if after := PeakMemory(); after < grown || after < before+grown/2 {
		t.Errorf("the peak went from %d to %d with %d bytes more in use", before, after, grown)
	}
	runtime.KeepAlive(big)
}

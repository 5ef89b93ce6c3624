package record

import (
	"bufio"
	"bytes"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

// PeakMemory is the most memory that this process has had at once, in bytes: as
// Linux counts resident pages, or elsewhere all that the Go runtime has asked
// for, which leaves out files that are mapped.
func PeakMemory() uint64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if peak, ok := highWater(status); ok {
			return peak
		}
	}
	all := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(all)
	return all[0].Value.Uint64()
}

// ResetPeakMemory lets PeakMemory count from what the process has now, so that of
// several runs in one process each has its own peak. Where the system knows no
// such thing, nothing changes.
func ResetPeakMemory() {
	debug.FreeOSMemory()
	// 5 resets the high-water mark: man 5 proc, clear_refs. Best effort, as said.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// highWater is the line VmHWM of /proc/self/status, in bytes.
func highWater(status []byte) (uint64, bool) {
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		rest, found := bytes.CutPrefix(lines.Bytes(), []byte("VmHWM:"))
		if !found {
			continue
		}
		kib, err := strconv.ParseUint(string(bytes.TrimSpace(bytes.TrimSuffix(rest, []byte("kB")))), 10, 64)
		return kib << 10, err == nil
	}
	return 0, false
}

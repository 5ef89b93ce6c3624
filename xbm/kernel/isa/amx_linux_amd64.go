package isa

import (
	"sync"

	"golang.org/x/sys/cpu"
	"golang.org/x/sys/unix"
)

// HasTiles reports whether this process may use the processor's tiles of bfloat16 (AMX),
// which the system grants on the first request.
func HasTiles() bool { return hasTiles() }

var hasTiles = sync.OnceValue(func() bool {
	const request, tileData = 0x1023, 18 // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
	if x := cpu.X86; Native() != AVX512 || !x.HasAMXTile || !x.HasAMXBF16 {
		return false
	}
	_, _, failed := unix.RawSyscall(unix.SYS_ARCH_PRCTL, request, tileData, 0)
	return failed == 0
})

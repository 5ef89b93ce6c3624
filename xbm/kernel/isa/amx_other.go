//go:build !linux || !amd64

package isa

// HasTiles reports whether this process may use the processor's tiles of bfloat16 (AMX).
func HasTiles() bool { return false }

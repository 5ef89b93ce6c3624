//go:build !linux || (!amd64 && !arm64)

package main

// room is the machine's memory in bytes; 0: unknown.
func room() uint64 { return 0 }

//go:build linux && (amd64 || arm64)

package main

import "syscall"

// room is the machine's memory in bytes; 0: unknown.
func room() uint64 {
	var info syscall.Sysinfo_t
	if syscall.Sysinfo(&info) != nil {
		return 0
	}
	return (info.Totalram + info.Totalswap) * uint64(info.Unit)
}

//go:build !amd64

package isa

// Native is the largest set that this processor has.
func Native() Set { return Portable }

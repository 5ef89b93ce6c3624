// Package room resizes slices that are used step after step.
package room

// Sized returns s with n elements, in the old array and with the old values where
// it is large enough.
func Sized[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Zeroed returns s with n zero elements, in the old array where it is large enough.
func Zeroed[T any](s []T, n int) []T {
	s = Sized(s, n)
	clear(s)
	return s
}

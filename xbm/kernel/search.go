package kernel

import "math"

// Max returns the largest element of x, -Inf of none.
func Max(x []float32) float32 { return native.largest(x) }

// LeastAbove returns the least of the elements of x above bound, +Inf of none.
func LeastAbove(x []float32, bound float32) float32 { return native.leastAbove(x, bound) }

// Cut makes -Inf of the elements of x that are not above bound.
func Cut(x []float32, bound float32) { native.cut(x, bound) }

// CountAbove returns how many elements of x are above bound.
func CountAbove(x []float32, bound float32) int { return native.countAbove(x, bound) }

// MarkAbove adds 1 to the elements of dst where those of x are above bound and
// returns how many they are. dst and x have one length.
func MarkAbove(dst, x []float32, bound float32) int { return native.markAbove(dst, x, bound) }

// FindSlack is how many more elements than x a list needs that [FindAbove],
// [FindAboveEach] and [FindEqual] fill: they store whole vectors.
const FindSlack = 16

// FindAbove stores in dst the places, ascending, of the elements of x that are
// above bound, and returns their number. The rest of dst is undefined.
func FindAbove(dst []int32, x []float32, bound float32) int { return native.findAbove(dst, x, bound) }

// FindAboveEach is FindAbove with a bound for each element; x and bounds have one
// length.
func FindAboveEach(dst []int32, x, bounds []float32) int { return native.findAboveEach(dst, x, bounds) }

// FindEqual stores in dst the places, ascending, of the elements of x that are
// value, and returns their number. The rest of dst is undefined.
func FindEqual(dst, x []int32, value int32) int { return native.findEqual(dst, x, value) }

func enoughRoom(dst []int32, n int) {
	if len(dst) < n+FindSlack {
		panic("kernel: no room for the places and FindSlack")
	}
}

func largestPortable(x []float32) float32 {
	most := float32(math.Inf(-1))
	for _, v := range x {
		if v > most {
			most = v
		}
	}
	return most
}

func leastAbovePortable(x []float32, bound float32) float32 {
	least := float32(math.Inf(1))
	for _, v := range x {
		if v > bound && v < least {
			least = v
		}
	}
	return least
}

func cutPortable(x []float32, bound float32) {
	for i, v := range x {
		if !(v > bound) {
			x[i] = float32(math.Inf(-1))
		}
	}
}

func countAbovePortable(x []float32, bound float32) int {
	count := 0
	for _, v := range x {
		if v > bound {
			count++
		}
	}
	return count
}

func markAbovePortable(dst, x []float32, bound float32) int {
	count := 0
	for i, v := range x {
		if v > bound {
			dst[i]++
			count++
		}
	}
	return count
}

func findAbovePortable(dst []int32, x []float32, bound float32) int {
	count := 0
	for i, v := range x {
		if v > bound {
			dst[count] = int32(i)
			count++
		}
	}
	return count
}

func findAboveEachPortable(dst []int32, x, bounds []float32) int {
	count := 0
	for i, v := range x {
		if v > bounds[i] {
			dst[count] = int32(i)
			count++
		}
	}
	return count
}

func findEqualPortable(dst, x []int32, value int32) int {
	count := 0
	for i, v := range x {
		if v == value {
			dst[count] = int32(i)
			count++
		}
	}
	return count
}

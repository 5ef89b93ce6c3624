package xbm

import "math/bits"

// index tells for a key a number that is not negative. Unlike a map it has all its
// room from the start. It is a table with linear probing, at most half full.
type index struct {
	keys   []int64
	values []int32 // -1: empty
	shift  int
}

// newIndex returns an index with room for so many keys, at least 1.
func newIndex(room int) *index {
	size := 1 << bits.Len(uint(2*room-1))
	x := &index{keys: make([]int64, size), values: make([]int32, size), shift: 64 - bits.TrailingZeros(uint(size))}
	x.clear()
	return x
}

func (x *index) clear() {
	for i := range x.values {
		x.values[i] = -1
	}
}

// home is the place that a key would have in an empty table: the high bits of a
// product with 2⁶⁴ over the golden ratio, which scatters runs of keys.
func (x *index) home(key int64) int {
	return int(uint64(key) * 0x9e3779b97f4a7c15 >> x.shift)
}

// place is where the key is, or the empty place where it would go.
func (x *index) place(key int64) int {
	at := x.home(key)
	for x.values[at] >= 0 && x.keys[at] != key {
		at = (at + 1) & (len(x.keys) - 1)
	}
	return at
}

// get is the number of a key, -1 for none.
func (x *index) get(key int64) int32 { return x.values[x.place(key)] }

// set gives the key a number, in place of one that it had.
func (x *index) set(key int64, value int32) {
	at := x.place(key)
	x.keys[at], x.values[at] = key, value
}

// remove forgets a key. Those after it move up, so that no search ends early.
func (x *index) remove(key int64) {
	hole, mask := x.place(key), len(x.keys)-1
	if x.values[hole] < 0 {
		return
	}
	x.values[hole] = -1
	for at := (hole + 1) & mask; x.values[at] >= 0; at = (at + 1) & mask {
		// A key may move to the hole unless its home lies after the hole.
		if (at-x.home(x.keys[at]))&mask >= (at-hole)&mask {
			x.keys[hole], x.values[hole] = x.keys[at], x.values[at]
			x.values[at] = -1
			hole = at
		}
	}
}

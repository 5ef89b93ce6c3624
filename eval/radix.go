package eval

import "slices"

// radixSort sorts by the upper 32 bits, in three passes of counting: for a
// thousand keys, three times as fast as by comparing. Those that agree in them
// are in any order. It needs room for as many keys, and returns the sorted ones
// and what is then the room.
func radixSort(keys, room []uint64) (sorted, rest []uint64) {
	const digit, few = 11, 300
	if len(keys) < few {
		slices.Sort(keys)
		return keys, room
	}
	room = room[:len(keys)]
	for shift := 32; shift < 64; shift += digit {
		var starts [1 << digit]int32
		for _, k := range keys {
			starts[k>>shift%(1<<digit)]++
		}
		var sum int32
		for d, n := range starts {
			starts[d] = sum
			sum += n
		}
		for _, k := range keys {
			at := &starts[k>>shift%(1<<digit)]
			room[*at] = k
			*at++
		}
		keys, room = room, keys
	}
	return keys, room
}

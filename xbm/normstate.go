package xbm

import (
	"encoding/binary"
	"fmt"
	"math"
)

// normDimension is the state of one dimension of a norm, little-endian: both sums
// over the rows, both estimates with their variances (64 bits each), the scale and
// the shift (32 bits each).
const normDimension = 6*8 + 2*4

// places are where the numbers of a dimension are.
func (n *norm) places(k int) ([6]*float64, [2]*float32) {
	return [6]*float64{&n.sums.first[k], &n.sums.second[k], &n.mean[k].x, &n.mean[k].p, &n.dev[k].x, &n.dev[k].p},
		[2]*float32{&n.scale[k], &n.shift[k]}
}

func (n *norm) appendBinary(b []byte) []byte {
	for k := range n.scale {
		wide, narrow := n.places(k)
		for _, at := range wide {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(*at))
		}
		for _, at := range narrow {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(*at))
		}
	}
	return b
}

// check says whether data can be restored, with what comes after it.
func (n *norm) check(data []byte) (state, rest []byte, err error) {
	size := len(n.scale) * normDimension
	if len(data) < size {
		return nil, nil, fmt.Errorf("xbm: restore: %d bytes of %d of the normalisation: %w", len(data), size, ErrState)
	}
	return data[:size], data[size:], nil
}

// restore takes over a state that was checked, of a memory that holds so many rows.
func (n *norm) restore(state []byte, held int) {
	n.sums.count = held
	for k := range n.scale {
		d := state[k*normDimension:]
		wide, narrow := n.places(k)
		for i, at := range wide {
			*at = math.Float64frombits(binary.LittleEndian.Uint64(d[8*i:]))
		}
		for i, at := range narrow {
			*at = math.Float32frombits(binary.LittleEndian.Uint32(d[8*len(wide)+4*i:]))
		}
	}
}

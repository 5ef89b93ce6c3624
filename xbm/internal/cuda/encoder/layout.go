package encoder

import "crossbatch/backbone/network"

// value is how a value lies on the device: for each image so many places, the channels of
// each side by side, step numbers a place, those that are no channels zeros.
type value struct {
	places, channels, step int
	turned                 bool // outside, channels come first
	slot                   int  // the buffer that it is in
}

// size is how many numbers an image has.
func (v value) size() int { return v.places * v.step }

// outside is the layout of a batch of values, from how they lie outside.
func (v value) outside(batch int) layout {
	if !v.turned { // place by place
		return layout{rows: batch * v.places, channels: v.channels, taps: 1, step: v.step, stride: v.step}
	}
	return layout{rows: batch, channels: v.channels, taps: v.places, step: v.step, stride: v.size()}
}

// fours is the multiple of 4 that n numbers take: 16 bytes are one copy.
func fours(n int) int { return (n + 3) / 4 * 4 }

// depth is the multiple of 32 that a row of filters takes: whole pieces of 128 bytes.
func depth(n int) int { return (n + 31) / 32 * 32 }

// lies is the layout of a shape.
func lies(shape []int) value {
	switch len(shape) {
	case 3:
		return value{places: shape[1] * shape[2], channels: shape[0], step: fours(shape[0]), turned: true}
	case 2: // tokens
		return value{places: shape[0], channels: shape[1], step: fours(shape[1])}
	}
	n := network.Elements(shape)
	return value{places: 1, channels: n, step: fours(n)}
}

// layout is how a parameter lies on the device: number c of tap t of row r, which is number
// (r·channels + c)·taps + t outside, is number r·stride + t·step + c.
type layout struct{ rows, channels, taps, step, stride int }

func (l layout) size() int { return l.rows * l.stride }

// vector is the layout of a row of numbers.
func vector(n int) layout { return layout{1, n, 1, fours(n), fours(n)} }

// put lays x out in dst: rows and channels times factors, where those are not nil.
func (l layout) put(dst, x, ofRows, ofChannels []float32) {
	clear(dst)
	for r := range l.rows {
		to, from := dst[r*l.stride:(r+1)*l.stride], x[r*l.channels*l.taps:][:l.channels*l.taps]
		for c := range l.channels {
			factor := float32(1)
			if ofRows != nil {
				factor = ofRows[r]
			}
			if ofChannels != nil {
				factor *= ofChannels[c]
			}
			for t := range l.taps {
				to[t*l.step+c] = from[c*l.taps+t] * factor
			}
		}
	}
}

// get is put the other way.
func (l layout) get(x, from []float32) {
	for r := range l.rows {
		row, to := from[r*l.stride:(r+1)*l.stride], x[r*l.channels*l.taps:][:l.channels*l.taps]
		for c := range l.channels {
			for t := range l.taps {
				to[c*l.taps+t] = row[t*l.step+c]
			}
		}
	}
}

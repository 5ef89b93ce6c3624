package optim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// State is what an optimizer remembers from step to step. It aliases the
// optimizer.
type State struct {
	Steps *int64         // steps begun; nil: it does not count
	Slots []*[][]float32 // for each kind of memory, that of each parameter by number; nil: none yet
}

// Saved is an optimizer as a checkpoint holds it.
type Saved struct {
	Optimizer Optimizer
	Sizes     []int // of the parameters, by number
}

// AppendBinary appends what the optimizer remembers to b: the steps, then for
// each kind of memory the number of parameters, and for each of them how many
// numbers there are and the numbers. The error is always nil.
func (s Saved) AppendBinary(b []byte) ([]byte, error) {
	state := s.Optimizer.State()
	var steps int64
	if state.Steps != nil {
		steps = *state.Steps
	}
	b = binary.AppendVarint(b, steps)
	b = binary.AppendUvarint(b, uint64(len(state.Slots)))
	for _, slots := range state.Slots {
		b = binary.AppendUvarint(b, uint64(len(*slots)))
		for _, slot := range *slots {
			b = binary.AppendUvarint(b, uint64(len(slot)))
			for _, x := range slot {
				b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
			}
		}
	}
	return b, nil
}

var errState = errors.New("optim: not a state of this optimizer")

// UnmarshalBinary restores what AppendBinary wrote of the same optimizer with
// parameters of the same sizes. After an error nothing has changed.
func (s Saved) UnmarshalBinary(data []byte) error {
	state := s.Optimizer.State()
	steps, size := binary.Varint(data)
	if size <= 0 || steps < 0 {
		return fmt.Errorf("%w: its steps", errState)
	}
	data = data[size:]
	count := func() uint64 {
		v, size := binary.Uvarint(data)
		if size <= 0 {
			return math.MaxUint64
		}
		data = data[size:]
		return v
	}
	if n := count(); n != uint64(len(state.Slots)) {
		return fmt.Errorf("%w: %d numbers to remember of a parameter, not %d", errState, n, len(state.Slots))
	}
	restored := make([][][]float32, len(state.Slots))
	for k := range restored {
		n := count()
		if n > uint64(len(s.Sizes)) {
			return fmt.Errorf("%w: %d parameters, not %d", errState, n, len(s.Sizes))
		}
		for i := range int(n) {
			length := count()
			if length != 0 && length != uint64(s.Sizes[i]) || 4*length > uint64(len(data)) {
				return fmt.Errorf("%w: %d numbers of parameter %d, which has %d", errState, length, i, s.Sizes[i])
			}
			var slot []float32
			if length > 0 {
				slot = make([]float32, length)
			}
			for j := range slot {
				slot[j] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*j:]))
			}
			data = data[4*length:]
			restored[k] = append(restored[k], slot)
		}
	}
	if len(data) != 0 {
		return fmt.Errorf("%w: %d bytes too many", errState, len(data))
	}
	if state.Steps != nil {
		*state.Steps = steps
	}
	for k, slots := range state.Slots {
		*slots = restored[k]
	}
	return nil
}

package backbone

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// maxPretrained bounds the numbers that ReadPretrained reads, in bytes.
const maxPretrained = 1 << 31

// ReadPretrained sets the parameters and buffers from a safetensors file of the
// same network that was trained elsewhere, such as torchvision's with weights
// for ImageNet. The head, which is the task's, may be missing or of another
// shape: then it stays, and is among the names that are returned. Counters
// (num_batches_tracked) are passed over. Any other tensor that is missing, that
// this network does not have, or that is of another shape or type is named in
// the error, and nothing is changed.
func (n *Net) ReadPretrained(r io.Reader) (fresh []string, err error) {
	entries, err := readHeader(r)
	if err != nil {
		return nil, err
	}
	end := 0
	for name, e := range entries {
		if len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] || e.Offsets[1] > maxPretrained {
			return nil, fmt.Errorf("backbone: reading weights: %.100q lies at %.100s: want two places up to %d", name, fmt.Sprint(e.Offsets), maxPretrained)
		}
		end = max(end, e.Offsets[1])
	}
	chosen, fresh, err := n.choose(entries)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(end)))
	if err != nil || len(data) < end {
		return nil, fmt.Errorf("backbone: reading weights: %d bytes of %d (%v): the file is cut short or cannot be read", len(data), end, err)
	}
	for p, e := range chosen {
		for i := range p.value {
			p.value[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[e.Offsets[0]+4*i:]))
		}
	}
	return fresh, nil
}

// choose holds entries against the network's tensors: which it takes, and the
// names of those that stay as they are.
func (n *Net) choose(entries map[string]tensorEntry) (chosen map[*parameter]tensorEntry, fresh []string, err error) {
	chosen = map[*parameter]tensorEntry{}
	known := map[string]bool{}
	var wrong []string
	for _, p := range n.state.all {
		known[p.name] = true
		e, ok := entries[p.name]
		fits := ok && slices.Equal(e.Shape, p.shape)
		switch {
		case p.head && !fits:
			fresh = append(fresh, p.name)
		case !ok:
			wrong = append(wrong, p.name+" is missing")
		case !fits:
			wrong = append(wrong, fmt.Sprintf("%s has shape %.100s, want %v", p.name, fmt.Sprint(e.Shape), p.shape))
		case e.Dtype != "F32":
			wrong = append(wrong, fmt.Sprintf("%s is %.20q, convert it to F32", p.name, e.Dtype))
		case e.Offsets[1]-e.Offsets[0] != 4*len(p.value):
			wrong = append(wrong, fmt.Sprintf("%s has %d bytes, want %d", p.name, e.Offsets[1]-e.Offsets[0], 4*len(p.value)))
		default:
			chosen[p] = e
		}
	}
	var surplus []string
	for name := range entries {
		if !known[name] && !strings.HasSuffix(name, "num_batches_tracked") {
			surplus = append(surplus, fmt.Sprintf("%.100q is not in this network", name))
		}
	}
	slices.Sort(surplus)
	if wrong = append(wrong, surplus...); len(wrong) > 0 {
		const most = 5
		more := ""
		if len(wrong) > most {
			wrong, more = wrong[:most], fmt.Sprintf(" and %d more", len(wrong)-most)
		}
		return nil, nil, fmt.Errorf("backbone: reading weights: %s%s: is it another network's file?", strings.Join(wrong, "; "), more)
	}
	return chosen, fresh, nil
}

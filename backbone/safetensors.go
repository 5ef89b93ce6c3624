package backbone

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"crossbatch/backbone/safetensors"
)

// maxHeader bounds the header of a safetensors file that is read, in bytes. A
// network of ours takes about a hundred for each parameter.
const maxHeader = 1 << 20

// metadata is the one name in a safetensors header that is no tensor.
const metadata = "__metadata__"

// tensorEntry is what a safetensors header tells of one tensor.
type tensorEntry struct {
	Dtype   string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets []int  `json:"data_offsets"` // where it starts and ends, in bytes
}

// WriteSafetensors writes the parameters and buffers in the safetensors format.
// The same state gives the same bytes.
func (n *Net) WriteSafetensors(w io.Writer) error {
	var tensors []safetensors.Tensor
	for _, p := range n.state.all {
		tensors = append(tensors, safetensors.Tensor{Name: p.name, Shape: p.shape, Value: p.value})
	}
	if err := safetensors.Write(w, tensors); err != nil {
		return fmt.Errorf("backbone: writing weights: %w", err)
	}
	return nil
}

// ReadSafetensors sets the parameters and buffers from a safetensors file with
// exactly this network's tensors, in any order. On an error nothing is changed.
// It reads to the end of r, or to where the file turns out wrong, and takes no
// more memory than the network's own size and a small multiple of 1 MiB, the
// longest header that it accepts.
func (n *Net) ReadSafetensors(r io.Reader) error {
	entries, err := readHeader(r)
	if err != nil {
		return err
	}
	size, err := n.match(entries)
	if err != nil {
		return err
	}
	data := make([]byte, size)
	if _, err := io.ReadFull(r, data); err != nil {
		return fmt.Errorf("backbone: reading weights: numbers: %w: the file is cut short or cannot be read", err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1)); err == nil {
		return fmt.Errorf("backbone: reading weights: bytes after the last tensor: want %d of numbers: is it another format?", size)
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("backbone: reading weights: end of file: %w", err)
	}
	for _, p := range n.state.all {
		src := data[entries[p.name].Offsets[0]:]
		for i := range p.value {
			p.value[i] = math.Float32frombits(binary.LittleEndian.Uint32(src[4*i:]))
		}
	}
	return nil
}

// readHeader reads up to the numbers.
func readHeader(r io.Reader) (map[string]tensorEntry, error) {
	var prefix [8]byte
	if _, err := io.ReadFull(r, prefix[:]); err != nil {
		return nil, fmt.Errorf("backbone: reading weights: length of the header: %w: is it a safetensors file?", err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeader {
		return nil, fmt.Errorf("backbone: reading weights: header of %d bytes: at most %d: is it a safetensors file?", length, maxHeader)
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(r, header); err != nil {
		return nil, fmt.Errorf("backbone: reading weights: header: %w: the file is cut short or cannot be read", err)
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(header, &raw); err != nil {
		at := int64(len(prefix))
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			at += syntax.Offset
		}
		return nil, fmt.Errorf("backbone: reading weights: header: byte %d: %w: is it a safetensors file?", at, err)
	}
	delete(raw, metadata)
	entries := make(map[string]tensorEntry, len(raw))
	for name, text := range raw {
		var e tensorEntry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, fmt.Errorf("backbone: reading weights: header: %.100q: %w", name, err)
		}
		entries[name] = e
	}
	return entries, nil
}

// match holds entries against the network's own tensors and returns how many
// bytes of numbers follow.
func (n *Net) match(entries map[string]tensorEntry) (int, error) {
	size := 0
	known := make(map[string]bool, len(n.state.all))
	for _, p := range n.state.all {
		known[p.name] = true
		size += 4 * len(p.value)
	}
	var covered [][]int
	for _, p := range n.state.all {
		e, ok := entries[p.name]
		switch {
		case !ok:
			return 0, fmt.Errorf("backbone: reading weights: %s is missing: is it another network's file?", p.name)
		case e.Dtype != "F32":
			return 0, fmt.Errorf("backbone: reading weights: %s is %.20q: convert it to F32", p.name, e.Dtype)
		case !slices.Equal(e.Shape, p.shape):
			return 0, fmt.Errorf("backbone: reading weights: %s has shape %.100s: want %v: is the configuration the same?",
				p.name, fmt.Sprint(e.Shape), p.shape)
		case len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[0] > size || e.Offsets[1] > size || e.Offsets[1]-e.Offsets[0] != 4*len(p.value):
			return 0, fmt.Errorf("backbone: reading weights: %s lies at %.100s: want %d bytes within %d",
				p.name, fmt.Sprint(e.Offsets), 4*len(p.value), size)
		}
		covered = append(covered, e.Offsets)
	}
	if len(entries) > len(known) {
		for name := range entries {
			if !known[name] {
				return 0, fmt.Errorf("backbone: reading weights: %.100q is not in this network: is the configuration the same?", name)
			}
		}
	}
	slices.SortFunc(covered, slices.Compare)
	for i := 1; i < len(covered); i++ {
		if covered[i][0] != covered[i-1][1] {
			return 0, fmt.Errorf("backbone: reading weights: tensors overlap or leave a gap at byte %d", covered[i][0])
		}
	}
	return size, nil
}

package backbone

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"crossbatch/xbm/kernel"
)

// maxPretrained bounds the numbers that ReadPretrained reads, in bytes.
const maxPretrained = 1 << 31

// Pretrained says what ReadPretrained made of a file.
type Pretrained struct {
	// Prefix is what the names of the tensors that were read begin with there and not
	// here: "module.", "encoder_q.".
	Prefix string
	// Fresh are the parameters of the head that are not in the file, and stay.
	Fresh []string
	// Passed are the tensors of the file that were not read, such as another head, a
	// momentum encoder or its queue.
	Passed []string
}

// ReadPretrained sets the parameters and buffers from a safetensors file of the
// same network that was trained elsewhere, such as torchvision's with weights
// for ImageNet, in F32, F16, BF16 or F64. Where the names all have a prefix, as
// training in parallel or within another model gives them, it is taken off; of a
// network and its momentum encoder, the network is read. The head, which is the
// task's, may be missing or of another shape: then it stays. Counters
// (num_batches_tracked) are passed over. Any other tensor that is missing, that
// this network does not have, or that is of another shape or type is named in the
// error, and nothing is changed.
func (n *Net) ReadPretrained(r io.Reader) (Pretrained, error) {
	start := make([]byte, 64)
	got, _ := io.ReadFull(r, start) // what fails here fails below
	start = start[:got]
	if kind := kindOfWeights(start); kind != "" {
		return Pretrained{}, fmt.Errorf("backbone: reading weights: %s", kind)
	}
	r = io.MultiReader(bytes.NewReader(start), r)
	entries, err := readHeader(r)
	if err != nil {
		return Pretrained{}, err
	}
	end := 0
	for name, e := range entries {
		if len(e.Offsets) != 2 || e.Offsets[0] < 0 || e.Offsets[1] < e.Offsets[0] || e.Offsets[1] > maxPretrained {
			return Pretrained{}, fmt.Errorf("backbone: reading weights: %.100q lies at %.100s: want two places up to %d", name, fmt.Sprint(e.Offsets), maxPretrained)
		}
		end = max(end, e.Offsets[1])
	}
	prefix, err := n.prefix(entries)
	if err != nil {
		return Pretrained{}, err
	}
	chosen, read, err := n.choose(entries, prefix)
	if err != nil {
		return Pretrained{}, err
	}
	data, err := io.ReadAll(io.LimitReader(r, int64(end)))
	if err != nil || len(data) < end {
		return Pretrained{}, fmt.Errorf("backbone: reading weights: %d bytes of %d (%v): the file is cut short or cannot be read", len(data), end, err)
	}
	for p, e := range chosen {
		decode(p.value, data[e.Offsets[0]:], e.Dtype)
	}
	return read, nil
}

// sizeOf is the bytes of a number of a type, 0 for types that are not read.
func sizeOf(dtype string) int {
	switch dtype {
	case "F64":
		return 8
	case "F32":
		return 4
	case "F16", "BF16":
		return 2
	}
	return 0
}

// decode stores numbers of a type in dst.
func decode(dst []float32, data []byte, dtype string) {
	little := binary.LittleEndian
	for i := range dst {
		switch dtype {
		case "F64":
			dst[i] = float32(math.Float64frombits(little.Uint64(data[8*i:])))
		case "F32":
			dst[i] = math.Float32frombits(little.Uint32(data[4*i:]))
		case "F16":
			kernel.FromHalf(dst[i:i+1], []uint16{little.Uint16(data[2*i:])})
		case "BF16": // the upper half of a float32
			dst[i] = math.Float32frombits(uint32(little.Uint16(data[2*i:])) << 16)
		}
	}
}

// prefix is what the names in a file have before those of this network: that with
// which most are there.
func (n *Net) prefix(entries map[string]tensorEntry) (string, error) {
	known := map[string]bool{}
	for _, p := range n.state.all {
		known[p.name] = !p.head
	}
	votes := map[string]int{}
	most := 0
	for name := range entries {
		for at := 0; at >= 0; {
			if known[name[at:]] {
				votes[name[:at]]++
				most = max(most, votes[name[:at]])
			}
			dot := strings.IndexByte(name[at:], '.')
			if at += dot + 1; dot < 0 {
				break
			}
		}
	}
	if votes[""] == most {
		return "", nil
	}
	var best []string
	for prefix, v := range votes {
		if v == most {
			best = append(best, prefix)
		}
	}
	slices.Sort(best)
	if trained := slices.DeleteFunc(slices.Clone(best), isFollower); len(trained) > 0 {
		best = trained
	}
	if len(best) > 1 {
		return "", fmt.Errorf("backbone: reading weights: the network is there several times, under %.300s: keep one of them in the file", strings.Join(best, ", "))
	}
	return best[0], nil
}

// isFollower tells of the prefix of a network that follows another while that is
// trained: a momentum encoder.
func isFollower(prefix string) bool {
	return slices.ContainsFunc([]string{"encoder_k", "momentum", "teacher", "target", "ema"}, func(word string) bool { return strings.Contains(prefix, word) })
}

// choose holds the entries with a prefix against the network's tensors: which it
// takes, and what is said of the others.
func (n *Net) choose(entries map[string]tensorEntry, prefix string) (chosen map[*parameter]tensorEntry, read Pretrained, err error) {
	chosen, read = map[*parameter]tensorEntry{}, Pretrained{Prefix: prefix}
	known, heads := map[string]bool{}, map[string]bool{}
	k, err := kindOf(n.config.Kind)
	if err != nil {
		return nil, read, err
	}
	var wrong []string
	for _, p := range n.state.all {
		known[prefix+p.name] = true
		e, ok := entries[prefix+p.name]
		fits := ok && slices.Equal(e.Shape, p.shape)
		if p.head {
			heads[firstWord(p.name)] = true
		}
		switch size := sizeOf(e.Dtype); {
		case p.head && !fits:
			read.Fresh = append(read.Fresh, p.name)
		case !ok:
			wrong = append(wrong, p.name+" is missing")
		case !fits:
			wrong = append(wrong, fmt.Sprintf("%s has shape %.100s, want %v", p.name, fmt.Sprint(e.Shape), p.shape))
		case size == 0:
			wrong = append(wrong, fmt.Sprintf("%s is %.20q, convert it to F32", p.name, e.Dtype))
		case e.Offsets[1]-e.Offsets[0] != size*len(p.value):
			wrong = append(wrong, fmt.Sprintf("%s has %d bytes, want %d", p.name, e.Offsets[1]-e.Offsets[0], size*len(p.value)))
		default:
			chosen[p] = e
		}
	}
	var surplus []string
	for name := range entries {
		rest, same := strings.CutPrefix(name, prefix)
		switch {
		case known[name] || strings.HasSuffix(name, "num_batches_tracked"):
		case !same || heads[firstWord(rest)] || strings.HasPrefix(rest, k.head+".") || slices.Contains(k.passed, firstWord(rest)):
			read.Passed = append(read.Passed, name)
		default:
			surplus = append(surplus, fmt.Sprintf("%.100q is not in this network", name))
		}
	}
	slices.Sort(read.Passed)
	slices.Sort(surplus)
	if wrong = append(wrong, surplus...); len(wrong) > 0 {
		const most = 5
		more := ""
		if len(wrong) > most {
			wrong, more = wrong[:most], fmt.Sprintf(" and %d more", len(wrong)-most)
		}
		return nil, read, fmt.Errorf("backbone: reading weights: %s%s: is it another network's file?", strings.Join(wrong, "; "), more)
	}
	return chosen, read, nil
}

// firstWord is the part of a name up to its first dot.
func firstWord(name string) string {
	word, _, _ := strings.Cut(name, ".")
	return word
}

package backbone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func values(n *Net) map[string][]float32 {
	all := map[string][]float32{}
	n.State(func(name string, _ []int, value, _ []float32) { all[name] = slices.Clone(value) })
	return all
}

func written(t testing.TB, n *Net) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := n.WriteSafetensors(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// safetensors is a file of a given header and numbers.
func headed(header string, numbers int) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(file, header...), make([]byte, numbers)...)
}

var tiny = Config{Kind: MLP, Channels: 1, Height: 1, Width: 2, Filters: 1, Dim: 1, Seed: 1}

// tinyHeader is the header of a tiny network: 20 bytes of numbers.
const tinyHeader = `{"layers.0.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},` +
	`"layers.0.bias":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},` +
	`"head.weight":{"dtype":"F32","shape":[1,1],"data_offsets":[12,16]},` +
	`"head.bias":{"dtype":"F32","shape":[1],"data_offsets":[16,20]}}`

func TestSafetensorsRoundTrip(t *testing.T) {
	cfg := Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 3, Dim: 5, Seed: 1}
	a, images := randomNet(t, cfg, 4)
	if err := a.Train(images, func(_, _ []float32) error { return nil }); err != nil {
		t.Fatal(err) // for running statistics other than the first
	}
	file := written(t, a)
	if (binary.LittleEndian.Uint64(file)+8)%8 != 0 {
		t.Error("the numbers are not aligned")
	}
	cfg.Seed = 2
	b, _ := randomNet(t, cfg, 1)
	if err := b.ReadSafetensors(bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	want, got := values(a), values(b)
	for name := range want {
		if !slices.Equal(got[name], want[name]) {
			t.Errorf("%s differs", name)
		}
	}
	if !bytes.Equal(written(t, b), file) {
		t.Error("written again, the bytes differ")
	}
}

// A file that another program wrote: other order, metadata.
func TestSafetensorsOfOthers(t *testing.T) {
	n, _ := randomNet(t, tiny, 1)
	header := `{"__metadata__":{"format":"pt"},` + tinyHeader[1:]
	header = strings.Replace(header, "[16,20]", "[12,16]", 1)
	header = strings.Replace(header, "[12,16]", "[16,20]", 1)
	if err := n.ReadSafetensors(bytes.NewReader(headed(header, 20))); err != nil {
		t.Error(err)
	}
}

func TestSafetensorsErrors(t *testing.T) {
	change := func(old, replacement string) []byte {
		if !strings.Contains(tinyHeader, old) {
			t.Fatalf("no %s in the header", old)
		}
		return headed(strings.Replace(tinyHeader, old, replacement, 1), 20)
	}
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "length of the header"},
		{"only a length", headed(tinyHeader, 0)[:8], "header"},
		{"long header", binary.LittleEndian.AppendUint64(nil, 1<<62), "at most 1048576"},
		{"no JSON", headed("{", 0), "header"},
		{"an array", headed("[]", 0), "header"},
		{"null", headed("null", 0), "layers.0.weight is missing"},
		{"cut short", headed(tinyHeader, 19), "cut short"},
		{"too long", headed(tinyHeader, 21), "after the last tensor"},
		{"missing", change(`"head.bias"`, `"__metadata__"`), "head.bias is missing"},
		{"surplus", headed(tinyHeader[:len(tinyHeader)-1]+`,"x":{}}`, 20), `"x" is not in this network`},
		{"other type", change("F32", "F16"), `layers.0.weight is "F16"`},
		{"other shape", change("[1,2]", "[2,1]"), "layers.0.weight has shape [2 1]: want [1 2]"},
		{"entry of another kind", change(`{"dtype":"F32","shape":[1,1],"data_offsets":[12,16]}`, "3"), "head.weight"},
		{"negative", change("[0,8]", "[-8,0]"), "layers.0.weight lies at [-8 0]"},
		{"outside", change("[16,20]", "[20,24]"), "head.bias lies at [20 24]"},
		{"of another size", change("[16,20]", "[16,19]"), "head.bias lies at [16 19]"},
		{"of the right size by overflow", change("[16,20]", "[9223372036854775804,-9223372036854775808]"), "head.bias lies at"},
		{"one offset", change("[16,20]", "[16]"), "head.bias lies at [16]"},
		{"overlap", change("[16,20]", "[12,16]"), "overlap"},
	} {
		t.Run(test.name, func(t *testing.T) {
			n, _ := randomNet(t, tiny, 1)
			before := fmt.Sprint(values(n))
			err := n.ReadSafetensors(bytes.NewReader(test.file))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "backbone: ") {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if fmt.Sprint(values(n)) != before {
				t.Error("the network has changed")
			}
		})
	}
}

func TestSafetensorsReportsTheStream(t *testing.T) {
	n, _ := randomNet(t, tiny, 1)
	broken := errors.New("broken")
	for _, cut := range []int{3, 20, len(tinyHeader) + 9, len(tinyHeader) + 28} {
		r := io.MultiReader(bytes.NewReader(headed(tinyHeader, 20)[:cut]), iotest.ErrReader(broken))
		if err := n.ReadSafetensors(r); !errors.Is(err, broken) {
			t.Errorf("broken after %d bytes: %v", cut, err)
		}
	}
	r, w := io.Pipe()
	r.CloseWithError(broken)
	if err := n.WriteSafetensors(w); !errors.Is(err, broken) {
		t.Errorf("writing: %v", err)
	}
}

// Whatever the bytes, reading does not panic, and what it accepts it can write
// so that it reads the same.
func FuzzReadSafetensors(f *testing.F) {
	f.Add(headed(tinyHeader, 20))
	f.Add(headed("{}", 0))
	f.Add([]byte{255, 255, 255, 255, 255, 255, 255, 255})
	f.Fuzz(func(t *testing.T, file []byte) {
		n, _ := randomNet(t, tiny, 1)
		if n.ReadSafetensors(bytes.NewReader(file)) != nil {
			return
		}
		again := written(t, n)
		m, _ := randomNet(t, tiny, 1)
		if err := m.ReadSafetensors(bytes.NewReader(again)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(written(t, m), again) {
			t.Error("a round trip changes the bytes")
		}
	})
}

package backbone

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// withTensors writes a safetensors file: the network's tensors, changed.
func withTensors(t *testing.T, n *Net, change func(map[string]tensorEntry)) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := n.WriteSafetensors(&file); err != nil {
		t.Fatal(err)
	}
	size := binary.LittleEndian.Uint64(file.Bytes())
	entries := map[string]tensorEntry{}
	if err := json.Unmarshal(file.Bytes()[8:8+size], &entries); err != nil {
		t.Fatal(err)
	}
	change(entries)
	header, err := json.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header, file.Bytes()[8+size:])
}

func TestReadPretrained(t *testing.T) {
	cfg := Config{Kind: ResNet18, Channels: 3, Height: 9, Width: 9, Filters: 3, Dim: 10, Seed: 1}
	source, _ := randomNet(t, cfg, 1)
	cfg.Dim, cfg.Seed = 4, 2
	target, images := randomNet(t, cfg, 2)
	head := append([]float32{}, target.state.all[len(target.state.all)-2].value...)
	file := withTensors(t, source, func(e map[string]tensorEntry) {
		e["bn1.num_batches_tracked"] = tensorEntry{Dtype: "I64", Shape: []int{}, Offsets: []int{0, 8}}
	})
	fresh, err := target.ReadPretrained(bytes.NewReader(file))
	if err != nil || fmt.Sprint(fresh) != "[fc.weight fc.bias]" {
		t.Fatalf("%v: %v", fresh, err)
	}
	for i, p := range target.state.all {
		want := source.state.all[i].value
		if p.name == "fc.weight" {
			want = head
		}
		if p.name != "fc.bias" && !slices.Equal(p.value, want) {
			t.Errorf("%s is not what was read", p.name)
		}
	}
	if err := target.Embed(make([]float32, 2*4), images); err != nil {
		t.Fatal(err)
	}
}

func TestReadPretrainedRefuses(t *testing.T) {
	cfg := Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 2, Dim: 3, Seed: 1}
	n, _ := randomNet(t, cfg, 1)
	for want, change := range map[string]func(map[string]tensorEntry){
		"blocks.0.conv.weight is missing": func(e map[string]tensorEntry) { delete(e, "blocks.0.conv.weight") },
		`"other" is not in this network`:  func(e map[string]tensorEntry) { e["other"] = e["head.bias"] },
		"blocks.0.bn.bias has shape [3], want [2]": func(e map[string]tensorEntry) {
			e["blocks.0.bn.bias"] = tensorEntry{Dtype: "F32", Shape: []int{3}, Offsets: []int{0, 12}}
		},
		`blocks.0.bn.bias is "F16", convert it to F32`: func(e map[string]tensorEntry) {
			e["blocks.0.bn.bias"] = tensorEntry{Dtype: "F16", Shape: []int{2}, Offsets: []int{0, 4}}
		},
		"and 15 more": func(e map[string]tensorEntry) {
			for name := range e {
				delete(e, name)
			}
		},
		"want two places up to": func(e map[string]tensorEntry) {
			e["x"] = tensorEntry{Dtype: "F32", Shape: []int{2}, Offsets: []int{0, maxPretrained + 4}}
		},
		"the file is cut short": func(e map[string]tensorEntry) {
			e["head.bias"] = tensorEntry{Dtype: "F32", Shape: []int{1}, Offsets: []int{1 << 20, 1<<20 + 4}}
		},
	} {
		before := fmt.Sprint(n.state.all[0].value)
		if _, err := n.ReadPretrained(bytes.NewReader(withTensors(t, n, change))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if fmt.Sprint(n.state.all[0].value) != before {
			t.Errorf("%q: the network has changed", want)
		}
	}
}

// Whatever the bytes of weights from elsewhere, reading does not panic, and takes no
// more room than the file and the longest header.
func FuzzReadPretrained(f *testing.F) {
	n, _ := randomNet(f, tiny, 1)
	f.Add(written(f, n))
	f.Add(headed(tinyHeader, 20))
	f.Add(headed(`{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,2147483647]}}`, 4))
	f.Fuzz(func(t *testing.T, file []byte) {
		n, _ := randomNet(t, tiny, 1)
		before := written(t, n)
		var start, end runtime.MemStats
		runtime.ReadMemStats(&start)
		_, err := n.ReadPretrained(bytes.NewReader(file))
		runtime.ReadMemStats(&end)
		if got, most := end.TotalAlloc-start.TotalAlloc, uint64(4<<20+100*len(file)); got > most {
			t.Errorf("%d bytes were allocated, want at most %d", got, most)
		}
		if err != nil && !bytes.Equal(written(t, n), before) {
			t.Error("what was refused has changed the network")
		}
	})
}

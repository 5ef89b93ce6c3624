package backbone

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"math"
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
	read, err := target.ReadPretrained(bytes.NewReader(file))
	if err != nil || fmt.Sprint(read.Fresh) != "[fc.weight fc.bias]" || read.Prefix != "" || read.Passed != nil {
		t.Fatalf("%+v: %v", read, err)
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

// prefixed gives the tensors other names, one with each prefix.
func prefixed(e map[string]tensorEntry, prefixes ...string) {
	for name, entry := range maps.Clone(e) {
		delete(e, name)
		for _, prefix := range prefixes {
			e[prefix+name] = entry
		}
	}
}

// The names that training in parallel, or within another model, gives tensors.
func TestPrefixesAreTakenOff(t *testing.T) {
	cfg := Config{Kind: Conv4, Channels: 1, Height: 16, Width: 16, Filters: 2, Dim: 3, Seed: 1}
	source, _ := randomNet(t, cfg, 1)
	for _, test := range []struct {
		prefixes []string
		want     string
		passed   int
	}{
		{[]string{"module."}, "module.", 0},
		{[]string{"backbone."}, "backbone.", 1},
		{[]string{"model.net."}, "model.net.", 0},
		{[]string{"module.encoder_k.", "module.encoder_q."}, "module.encoder_q.", 22},
		{[]string{"student.", "teacher."}, "student.", 22},
		{[]string{"x.", ""}, "", 22},
	} {
		file := withTensors(t, source, func(e map[string]tensorEntry) {
			prefixed(e, test.prefixes...)
			if test.passed == 1 {
				e["projector.weight"] = tensorEntry{Dtype: "F32", Shape: []int{1}, Offsets: []int{0, 4}}
				delete(e, "backbone.head.bias")
			}
			if test.want == "" { // what is beside the network without a prefix is not known
				for name := range e {
					if strings.HasPrefix(name, "x.") {
						delete(e, name)
					}
				}
				e["head.0.weight"] = tensorEntry{Dtype: "F32", Shape: []int{1}, Offsets: []int{0, 4}}
				test.passed = 1
			}
		})
		cfg.Seed = 2
		target, _ := randomNet(t, cfg, 1)
		read, err := target.ReadPretrained(bytes.NewReader(file))
		if err != nil || read.Prefix != test.want || len(read.Passed) != test.passed {
			t.Errorf("%v: %+v: %v", test.prefixes, read, err)
			continue
		}
		for i, p := range target.state.all {
			if !slices.Equal(p.value, source.state.all[i].value) && !slices.Contains(read.Fresh, p.name) {
				t.Errorf("%v: %s is not what was read", test.prefixes, p.name)
			}
		}
	}
}

// Half the numbers' precision is read, as it is.
func TestKindsOfWeights(t *testing.T) {
	n, _ := randomNet(t, tiny, 1)
	values := []float64{1, -2.5, 0.375, 1024, -0.0078125} // exact in all kinds
	for dtype, bytesOf := range map[string]func(b []byte, v float64) []byte{
		"F64": func(b []byte, v float64) []byte { return binary.LittleEndian.AppendUint64(b, math.Float64bits(v)) },
		"F32": func(b []byte, v float64) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(v)))
		},
		"BF16": func(b []byte, v float64) []byte {
			return binary.LittleEndian.AppendUint16(b, uint16(math.Float32bits(float32(v))>>16))
		},
		"F16": func(b []byte, v float64) []byte {
			half := map[float64]uint16{1: 0x3c00, -2.5: 0xc100, 0.375: 0x3600, 1024: 0x6400, -0.0078125: 0xa000}
			return binary.LittleEndian.AppendUint16(b, half[v])
		},
	} {
		entries, end := map[string]tensorEntry{}, 0
		for _, p := range n.state.all {
			entries[p.name] = tensorEntry{Dtype: dtype, Shape: p.shape, Offsets: []int{end, end + sizeOf(dtype)*len(p.value)}}
			end += sizeOf(dtype) * len(p.value)
		}
		header, err := json.Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		file := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
		for _, v := range values {
			file = bytesOf(file, v)
		}
		if _, err := n.ReadPretrained(bytes.NewReader(file)); err != nil {
			t.Fatal(err)
		}
		var got []float64
		for _, p := range n.state.all {
			for _, v := range p.value {
				got = append(got, float64(v))
			}
		}
		if !slices.Equal(got, values) {
			t.Errorf("%s: %v, want %v", dtype, got, values)
		}
	}
}

func TestOtherFilesThanWeightsAreKnown(t *testing.T) {
	n, _ := randomNet(t, tiny, 1)
	for start, want := range map[string]string{
		"PK\x03\x04archive/data.pkl":                   "a zip, as torch.save writes .pth, .pt and .bin: convert it with Python:\n  import torch",
		"\x80\x02\x8a\nl\xfc\x9cF":                     "a pickle, as older versions of torch.save wrote",
		"\x1f\x8b\x08":                                 "unpack it first",
		"version https://git-lfs.github.com/spec/v1\n": "git lfs pull",
		"<!DOCTYPE html>":                              "the download has failed",
		"":                                             "is it a safetensors file?",
	} {
		if _, err := n.ReadPretrained(strings.NewReader(start)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", start, err, want)
		}
	}
	// A header may be as long as one of these begins.
	header := tinyHeader + strings.Repeat(" ", 0x280-len(tinyHeader))
	if _, err := n.ReadPretrained(bytes.NewReader(headed(header, 20))); err != nil {
		t.Error(err)
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
		`blocks.0.bn.bias is "I32", convert it to F32`: func(e map[string]tensorEntry) {
			e["blocks.0.bn.bias"] = tensorEntry{Dtype: "I32", Shape: []int{2}, Offsets: []int{0, 8}}
		},
		"blocks.0.bn.bias has 8 bytes, want 4": func(e map[string]tensorEntry) {
			e["blocks.0.bn.bias"] = tensorEntry{Dtype: "BF16", Shape: []int{2}, Offsets: []int{0, 8}}
		},
		"the network is there several times, under a., b.: keep one": func(e map[string]tensorEntry) {
			prefixed(e, "a.", "b.")
		},
		"blocks.0.conv.weight is missing; blocks.0": func(e map[string]tensorEntry) { // of most, and named without its prefix
			prefixed(e, "module.")
			for name := range e {
				if strings.HasPrefix(name, "module.blocks.0") {
					delete(e, name)
				}
			}
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

// A network without a head takes the weights of one that has one.
func TestPretrainedWithoutHead(t *testing.T) {
	for _, kind := range []string{Conv4, ResNet18, MobileNetV3Small, ViTS16} {
		cfg := Config{Kind: kind, Channels: 3, Height: 32, Width: 32, Filters: 16, Seed: 1}
		n, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := n.WriteSafetensors(&file); err != nil {
			t.Fatal(err)
		}
		cfg.Head, cfg.Seed = HeadNone, 2
		bare, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := bare.ReadPretrained(&file); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

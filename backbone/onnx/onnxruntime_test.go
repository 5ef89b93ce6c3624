package onnx_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"crossbatch/backbone"
	"crossbatch/backbone/network"
	"crossbatch/backbone/onnx"
)

// What onnxruntime's embeddings may differ from ours, in each number of a row of
// length 1, and where the weights are rounded to half precision.
const (
	tolerance     = 1e-4
	halfTolerance = 3e-2
)

type job struct {
	Model   string `json:"model"`
	Input   string `json:"input"`
	Type    string `json:"type"`
	Dims    []int  `json:"dims"`
	Numbers string `json:"numbers"`
	Output  string `json:"output"`
}

type said struct {
	Inputs, Outputs []string
	Dims            []int
	Shape           []any
}

// onnxruntime runs jobs.
func onnxruntime(t *testing.T, jobs []job) []said {
	t.Helper()
	list, err := json.Marshal(jobs)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "jobs.json")
	if err := os.WriteFile(path, list, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "testdata/run.js", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var all []said
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return all
}

func needOnnxruntime(t *testing.T) {
	t.Helper()
	if out, err := exec.Command("node", "-e", "require('onnxruntime-node')").CombinedOutput(); err != nil {
		t.Skipf("no Node, or no onnxruntime for it: npm install --ignore-scripts onnxruntime-node, and NODE_PATH of its node_modules: %v %.100s", err, out)
	}
}

// lively makes a network whose every parameter is of its own, and whose running
// statistics are those of noise, so that embeddings of pictures differ.
func lively(t testing.TB, cfg backbone.Config) *backbone.Net {
	t.Helper()
	net, err := backbone.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	net.State(func(_ string, shape []int, value, grad []float32) {
		var square float64
		for i, v := range value {
			square += float64(v) * float64(v)
			if grad != nil && len(shape) == 1 {
				value[i] += 0.4 * float32(rng.Float64()-0.5)
			}
		}
		if len(shape) > 1 { // of He's variance, also where they start smaller
			factor := float32(math.Sqrt(2 * float64(shape[0]) / square))
			for i := range value {
				value[i] *= factor
			}
		}
	})
	noise := make([]float32, 4*network.Elements(net.Network().Input))
	for range 20 {
		for i := range noise {
			noise[i] = float32(rng.NormFloat64())
		}
		// Train moves the running statistics.
		if err := net.Train(noise, func(_, _ []float32) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return net
}

func modelOf(net *backbone.Net) onnx.Model {
	m := onnx.Of(net)
	m.Mean, m.Deviation = []float32{0.485, 0.456, 0.406}, []float32{0.229, 0.224, 0.225}
	return m
}

// variants are the ways to write a model.
func variants() map[string]func(*onnx.Model) {
	return map[string]func(*onnx.Model){
		"plain":              func(*onnx.Model) {},
		"folded":             func(m *onnx.Model) { m.Fold = true },
		"with preprocessing": func(m *onnx.Model) { m.Preprocessing = true },
		"half":               func(m *onnx.Model) { m.Half, m.Fold = true, true },
	}
}

// Of every network, written in every way, onnxruntime makes the embeddings that
// we make: of pictures, of one that is all zero, and of a batch of one.
func TestOnnxruntime(t *testing.T) {
	needOnnxruntime(t)
	const side = 64
	pictures := pictures(t, side)
	for _, kind := range backbone.Kinds() {
		for _, small := range []bool{true, false} {
			cfg := backbone.Config{Kind: kind, Channels: 3, Height: side, Width: side, Filters: 8, Dim: 16, LayerNorm: small, MaxPool: small}
			if small { // odd sizes, the small stem, a head that is not just linear, dropout to pass by
				cfg.Height, cfg.Width, cfg.Head, cfg.Dropout, cfg.NoBatchNorm = 35, 42, backbone.HeadMLP, 0.5, true
			}
			if small && kind == backbone.BNInception {
				cfg.Height, cfg.Width = 32, 64
			}
			t.Run(fmt.Sprintf("%s %d×%d", kind, cfg.Height, cfg.Width), func(t *testing.T) { runAll(t, cfg, pictures) })
		}
	}
}

func runAll(t *testing.T, cfg backbone.Config, pictures [][]uint8) {
	net := lively(t, cfg)
	bytes, images := batch(cfg, pictures)
	rows := len(pictures)
	want := make([]float32, rows*net.Dim())
	if err := net.Embed(want, images); err != nil {
		t.Fatal(err)
	}
	var apart float64
	for i, v := range want[:net.Dim()] {
		apart = max(apart, math.Abs(float64(v-want[2*net.Dim()+i])))
	}
	if apart < 0.02 {
		t.Errorf("embeddings of two pictures are %g apart: there is nothing to compare", apart)
	}
	dir := t.TempDir()
	var jobs []job
	var names []string
	for name, vary := range variants() {
		m := modelOf(net)
		vary(&m)
		path := filepath.Join(dir, name+".onnx")
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Write(file); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{rows, 1} {
			j := job{Model: path, Input: onnx.Images, Type: "float32", Dims: []int{n, 3, cfg.Height, cfg.Width},
				Numbers: filepath.Join(dir, fmt.Sprintf("%s.%d.in", name, n)), Output: filepath.Join(dir, fmt.Sprintf("%s.%d.out", name, n))}
			numbers := float32Bytes(images[:n*3*cfg.Height*cfg.Width])
			if m.Preprocessing {
				j.Input, j.Type, j.Dims = onnx.Pixels, "uint8", []int{n, cfg.Height, cfg.Width, 3}
				numbers = bytes[:n*3*cfg.Height*cfg.Width]
			}
			if err := os.WriteFile(j.Numbers, numbers, 0o600); err != nil {
				t.Fatal(err)
			}
			jobs, names = append(jobs, j), append(names, name)
		}
	}
	largest := map[float64]float64{} // differences, by what they may be
	for i, s := range onnxruntime(t, jobs) {
		j := jobs[i]
		if !slices.Equal(s.Inputs, []string{j.Input}) || !slices.Equal(s.Outputs, []string{onnx.Embeddings}) ||
			!slices.Equal(s.Dims, []int{j.Dims[0], net.Dim()}) || fmt.Sprint(s.Shape) != fmt.Sprint([]any{"batch", j.Dims[1], j.Dims[2], j.Dims[3]}) {
			t.Errorf("%s: %+v", names[i], s)
		}
		raw, err := os.ReadFile(j.Output)
		if err != nil {
			t.Fatal(err)
		}
		limit := tolerance
		if names[i] == "half" {
			limit = halfTolerance
		}
		var most float64
		for k, w := range want[:j.Dims[0]*net.Dim()] {
			got := math.Float32frombits(binary.LittleEndian.Uint32(raw[4*k:]))
			most = math.Max(most, math.Abs(float64(got-w)))
			if got != got {
				most = math.Inf(1)
			}
		}
		largest[limit] = max(largest[limit], most)
		if most > limit {
			t.Errorf("%s, %d images: %g from ours", names[i], j.Dims[0], most)
		}
	}
	t.Logf("%s of %d×%d: largest difference %.1e, with weights in half precision %.1e", cfg.Kind, cfg.Height, cfg.Width, largest[tolerance], largest[halfTolerance])
}

// A row of zeros, which has no direction, stays one.
func TestOnnxruntimeOfZeros(t *testing.T) {
	needOnnxruntime(t)
	net, err := backbone.New(backbone.Config{Kind: backbone.Linear, Channels: 1, Height: 1, Width: 3, Dim: 2})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := modelOf(net)
	var file bytes.Buffer
	if err := m.Write(&file); err != nil {
		t.Fatal(err)
	}
	j := job{Model: filepath.Join(dir, "m.onnx"), Input: onnx.Images, Type: "float32", Dims: []int{2, 1, 1, 3}, Numbers: filepath.Join(dir, "in"), Output: filepath.Join(dir, "out")}
	for path, content := range map[string][]byte{j.Model: file.Bytes(), j.Numbers: float32Bytes([]float32{0, 0, 0, 1, 2, 3})} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	onnxruntime(t, []job{j})
	raw, err := os.ReadFile(j.Output)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw[:8], make([]byte, 8)) || bytes.Equal(raw[8:], make([]byte, 8)) {
		t.Errorf("% x: want a row of zeros and one that is not", raw)
	}
}

func float32Bytes(x []float32) []byte {
	var b []byte
	for _, v := range x {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
	}
	return b
}

// batch are pictures, cut to a network's size: as bytes, channels last, and as
// the network takes them.
func batch(cfg backbone.Config, pictures [][]uint8) (pixels []byte, images []float32) {
	m := onnx.Model{Mean: []float32{0.485, 0.456, 0.406}, Deviation: []float32{0.229, 0.224, 0.225}}
	for _, p := range pictures {
		side := int(math.Sqrt(float64(len(p) / 3)))
		image := make([]float32, network.Elements([]int{3, cfg.Height, cfg.Width}))
		for y := range cfg.Height {
			for x := range cfg.Width {
				for c := range 3 {
					v := p[(c*side+y)*side+x]
					pixels = append(pixels, v)
					image[(c*cfg.Height+y)*cfg.Width+x] = (float32(v)*(1.0/255) - m.Mean[c]) * (1 / m.Deviation[c])
				}
			}
		}
		images = append(images, image...)
	}
	return pixels, images
}

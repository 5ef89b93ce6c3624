//go:build nvidia

package encoder

import (
	"cmp"
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"crossbatch/backbone"
	"crossbatch/backbone/network"
	"crossbatch/xbm/internal/cuda"
)

// reference is a network's numbers by PyTorch, see testdata/reference/README.md.
type reference struct {
	Name        string    `json:"name"`
	Filters     int       `json:"filters"`
	InputShape  []int     `json:"input_shape"`
	OutputShape []int     `json:"output_shape"`
	TrainOutput []float64 `json:"train_output"`
	EvalOutput  []float64 `json:"eval_output"`
	Parameters  []struct {
		Name  string  `json:"name"`
		Shape []int   `json:"shape"`
		Norm  float64 `json:"norm"`
	} `json:"parameters"`
	Running []struct {
		Name  string    `json:"name"`
		First []float64 `json:"first"`
	} `json:"running_after_one_step"`
}

// lcg is the rule by which the reference fills weights, input and gradient.
func lcg(i, k int) float64 {
	x := uint32(i)*2654435761 + uint32(k)*40503 + 12345
	return float64(x*1664525+1013904223)/(1<<32) - 0.5
}

// Outputs, the norms of gradients, and running statistics on the device are PyTorch's, in
// float64, to 1e-3, which is what float32 leaves the processor, too; where a ReLU's sign turns,
// norms of gradients are so but for that sign. resnet50 is only looked at in embedding: its
// gradients are of nothing but rounding.
func TestNetworksAgreeWithReference(t *testing.T) {
	c := open(t)
	for _, file := range []string{"networks.json", "networks-more.json"} {
		text, err := os.ReadFile("../../../../testdata/reference/" + file)
		if err != nil {
			t.Fatal(err)
		}
		var all []reference
		if err := json.Unmarshal(text, &all); err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if os.Getenv("XBM_EXHAUSTIVE") != "" || slices.Contains([]string{"conv4", "conv4-nobn"}, r.Name) {
				t.Run(r.Name, func(t *testing.T) { r.compare(t, c) })
			}
		}
	}
}

func (r reference) compare(t *testing.T, c *cuda.Context) {
	net, err := backbone.New(backbone.Config{
		Kind: strings.TrimSuffix(r.Name, "-nobn"), Channels: r.InputShape[1], Height: r.InputShape[2], Width: r.InputShape[3],
		Filters: cmp.Or(r.Filters, r.Parameters[0].Shape[0]), Dim: r.OutputShape[1], NoBatchNorm: r.Name == "conv4-nobn", NoNormalize: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	var s stepped
	k := 0
	net.State(func(name string, shape []int, value, grad []float32) {
		s.arrays, s.grads = append(s.arrays, value), append(s.grads, grad)
		if grad == nil {
			return
		}
		for i := range value {
			switch {
			case len(shape) > 1:
				value[i] = float32(lcg(i, k) * math.Sqrt(12) * math.Sqrt(2/float64(len(value)/shape[0])))
			case strings.HasSuffix(name, "weight"):
				value[i] = float32(1 + 0.2*lcg(i, k))
			default:
				value[i] = float32(0.2 * lcg(i, k))
			}
		}
		k++
	})
	images := make([]float32, network.Elements(r.InputShape))
	for i := range images {
		images[i] = float32(2 * lcg(i, 1000))
	}
	e, err := New(c, cuda.FP32, net.Network(), s.arrays)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { must(t, e.Close()) }()
	check := func(what string, got []float32, want []float64) {
		t.Helper()
		var off, norm float64
		for i, v := range want {
			off, norm = off+(float64(got[i])-v)*(float64(got[i])-v), norm+v*v
		}
		if off = math.Sqrt(off / norm); !(off < 1e-3) {
			t.Errorf("%s: %.2g from the reference, relative", what, off)
		}
	}
	if r.Name != backbone.ResNet50 {
		must(t, e.Trainable(s.grads))
		var w *watched
		if slices.Contains([]string{backbone.GoogLeNet, backbone.BNInception}, r.Name) {
			w = watch(t, e, s.arrays, images)
		}
		must(t, e.Train(images, func(dEmb, emb []float32) error {
			check("the output in training", emb, r.TrainOutput)
			for i := range dEmb {
				dEmb[i] = float32(lcg(i, 2000))
			}
			return nil
		}))
		must(t, e.Fetch())
		r.compareGradients(t, net, check)
		if w != nil {
			w.stepByStep(t, s.grads)
			r.compareWithTwin(t, w, s.grads)
		}
	}
	emb := make([]float32, len(r.EvalOutput))
	if r.Name == backbone.ResNet50 { // embedded after a step, which has moved its statistics
		must(t, net.Train(images, func(_, _ []float32) error { return nil }))
	}
	must(t, e.Embed(emb, images))
	check("the output in embedding", emb, r.EvalOutput)
}

func (r reference) compareGradients(t *testing.T, net *backbone.Net, check func(string, []float32, []float64)) {
	most := 1e-3
	if r.Name == backbone.ResNet18 || r.Name == backbone.BNInception {
		// Rounding turns the sign of a number before a ReLU: see compareWithTwin, which has narrow
		// limits for bninception. The processor's limit of resnet18 is this, too.
		most = 4e-2
	}
	parameters, buffers := r.Parameters, r.Running
	net.State(func(name string, _ []int, value, grad []float32) {
		if grad == nil {
			check(name, value, buffers[0].First)
			buffers = buffers[1:]
			return
		}
		var norm float64
		for _, g := range grad {
			norm += float64(g) * float64(g)
		}
		want := parameters[0]
		parameters = parameters[1:]
		if off := math.Abs(math.Sqrt(norm) - want.Norm); name != want.Name || !(off <= max(1e-3, most*want.Norm)) {
			t.Errorf("the gradient of %s has norm %g, %g of %s in the reference", name, math.Sqrt(norm), want.Norm, want.Name)
		}
	})
}

// compareWithTwin tells rounding from faults. Many layers of batch normalisation, the last over
// 18 numbers, make 1e-4 of a value out of the 2.5e-7 that a convolution is off. In bninception
// one of the 792 numbers before the ReLU of inception_5b_1x1 is 2e-4, and negative on the device:
// its gradient counts or not, and all before it are 1e-2 to 3e-2 off. Noise of 2.5e-7 in each
// convolution turns that sign in float64, too, in 4 of 60 draws, which are 3e-2 off then; those
// that turn none are 2e-2 at most. So PyTorch's norms are compared with float64's here, and the
// device's gradients with those of float64 by the device's signs.
func (r reference) compareWithTwin(t *testing.T, w *watched, grads [][]float32) {
	slope := make([]float64, len(r.TrainOutput))
	for i := range slope {
		slope[i] = float64(float32(lcg(i, 2000)))
	}
	own, signed := w.step(slope, false), w.step(slope, true)
	count, farthest := w.turned(own)
	t.Logf("%d signs have turned, at %.2g", count, farthest)
	if count > 3 || farthest > 1e-3 {
		t.Errorf("%d signs have turned, at %.2g: at most 3, at 1e-3", count, farthest)
	}
	parameters, worst, worstOwn := r.Parameters, 0.0, 0.0
	for i, g := range grads {
		if g == nil {
			continue
		}
		want := parameters[0]
		parameters = parameters[1:]
		if want.Norm < 1e-9 {
			continue // a shift that batch normalisation takes away again
		}
		var square float64
		for _, v := range own.grads[i] {
			square += v * v
		}
		off := math.Abs(math.Sqrt(square)-want.Norm) / want.Norm
		apart := distance(widened(g), signed.grads[i], 0)
		worst, worstOwn = max(worst, apart), max(worstOwn, off)
		if !(off <= 1e-3) {
			t.Errorf("the gradient of %s in float64 has a norm off by %.2g from the reference", want.Name, off)
		}
		if !(apart <= 5e-3) {
			t.Errorf("the gradient of %s is %.2g off float64's by the device's signs", want.Name, apart)
		}
	}
	t.Logf("float64 is %.2g off the reference, the device %.2g off float64 by its signs", worstOwn, worst)
}

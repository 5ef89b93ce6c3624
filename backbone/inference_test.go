package backbone

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"crossbatch/backbone/graph"
)

// inferred are networks of all kinds, small, with images that tiles do not fill.
var inferred = map[string]Config{
	"bninception":    {Kind: BNInception, Channels: 3, Height: 32, Width: 64, Filters: 8},
	"conv4":          {Kind: Conv4, Channels: 1, Height: 19, Width: 22, Filters: 20},
	"conv4 narrow":   {Kind: Conv4, Channels: 2, Height: 16, Width: 16, Filters: 3, Head: HeadNone},
	"conv4 plain":    {Kind: Conv4, Channels: 1, Height: 33, Width: 40, Filters: 16, NoBatchNorm: true, Head: HeadNone, NoNormalize: true},
	"googlenet":      {Kind: GoogLeNet, Channels: 3, Height: 35, Width: 32, Filters: 16},
	"linear":         {Kind: Linear, Channels: 1, Height: 1, Width: 40},
	"linear bare":    {Kind: Linear, Channels: 3, Height: 4, Width: 5, Head: HeadNone},
	"mlp":            {Kind: MLP, Channels: 3, Height: 4, Width: 5, Filters: 50, Dropout: 0.2, LayerNorm: true},
	"mobile small":   {Kind: MobileNetV3Small, Channels: 3, Height: 33, Width: 40},
	"mobile large":   {Kind: MobileNetV3Large, Channels: 3, Height: 32, Width: 32, Head: HeadMLP},
	"resnet18":       {Kind: ResNet18, Channels: 3, Height: 20, Width: 13, Filters: 16, MaxPool: true},
	"resnet18 large": {Kind: ResNet18, Channels: 3, Height: 64, Width: 70, Filters: 16, Freeze: FreezeBatchNorm},
	"resnet50":       {Kind: ResNet50, Channels: 3, Height: 64, Width: 64, Filters: 16, Head: HeadNone},
	"vit-s14":        {Kind: ViTS14, Channels: 3, Height: 28, Width: 42, Filters: 64},
	"vit-s16 both":   {Kind: ViTS16, Channels: 3, Height: 32, Width: 33, Filters: 64, TokenPool: TokenBoth},
	"vit-s16 mean":   {Kind: ViTS16, Channels: 3, Height: 32, Width: 33, Filters: 64, TokenPool: TokenPatches, Head: HeadNone},
	"vit-s16":        {Kind: ViTS16, Channels: 3, Height: 48, Width: 34, Filters: 64, Head: HeadNone},
}

// Embed finds what the graph finds, its plain twin, but for rounding; for an image in any
// batch, and on any number of cores, the same bits.
func TestEmbedEqualsTheGraph(t *testing.T) {
	for name, cfg := range inferred {
		t.Run(name, func(t *testing.T) {
			const rows = 5
			n, images := randomNet(t, cfg, rows)
			rng := rand.New(rand.NewPCG(8, 1))
			for _, p := range n.state.all { // statistics and shifts that are not 0 and 1
				if len(p.shape) == 1 {
					for i := range p.value {
						p.value[i] = float32(0.5 + rng.Float64())
					}
				}
			}
			got := make([]float32, rows*n.Dim())
			if err := n.Embed(got, images); err != nil {
				t.Fatal(err)
			}
			g, err := graph.New(n.network, n.arrays, rows, graph.Embedding, n.scratch)
			if err != nil {
				t.Fatal(err)
			}
			copy(g.Images, images)
			if err := g.Run(); err != nil {
				t.Fatal(err)
			}
			var off, size float64
			for i, v := range g.Embeddings {
				d := float64(got[i] - v)
				off, size = off+d*d, size+float64(v)*float64(v)
			}
			if off = math.Sqrt(off / size); !(off < 1e-4) {
				t.Errorf("%g from the graph", off)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
			for procs := range 3 {
				runtime.GOMAXPROCS(1 + procs)
				one := make([]float32, n.Dim())
				if err := n.Embed(one, images[procs*n.pixels:(procs+1)*n.pixels]); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(one, got[procs*n.Dim():(procs+1)*n.Dim()]) {
					t.Errorf("an image alone on %d cores has other bits", 1+procs)
				}
			}
		})
	}
}

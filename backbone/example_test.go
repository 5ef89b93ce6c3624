package backbone_test

import (
	"fmt"

	"crossbatch/backbone"
)

// Two kinds of image that look alike to an untrained network are drawn apart by a
// loss in plain Go: the similarity of their embeddings.
func Example() {
	net, err := backbone.New(backbone.Config{
		Kind: backbone.Conv4, Channels: 1, Height: 16, Width: 16, Filters: 8, Dim: 4, NoBatchNorm: true, Seed: 1,
	})
	if err != nil {
		panic(err)
	}
	images := make([]float32, 2*16*16)
	for i := range 256 {
		images[i] = float32(i%16) / 16     // dark to light from left to right
		images[256+i] = float32(i/16) / 16 // from top to bottom
	}
	const rate = 0.05
	for step := range 31 {
		var similarity float32
		err := net.Train(images, func(dEmb, emb []float32) error {
			for i := range 4 {
				similarity += emb[i] * emb[4+i]
				dEmb[i], dEmb[4+i] = emb[4+i], emb[i]
			}
			return nil
		})
		if err != nil {
			panic(err)
		}
		if step%30 == 0 {
			fmt.Printf("step %2d: similarity %.1f\n", step, similarity)
		}
		net.State(func(_ string, _ []int, value, grad []float32) {
			for i, g := range grad {
				value[i] -= rate * g
			}
		})
	}
	// Output:
	// step  0: similarity 0.9
	// step 30: similarity -1.0
}

// What a network is made of can be read.
func ExampleNet_Network() {
	net, err := backbone.New(backbone.Config{Kind: backbone.MLP, Channels: 1, Height: 4, Width: 4, Dim: 8})
	if err != nil {
		panic(err)
	}
	n := net.Network()
	for _, node := range n.Nodes {
		fmt.Printf("%T%+v: %v → %v", node.Op, node.Op, n.Shape(node.Inputs[0]), node.Shape)
		for _, i := range node.Parameters {
			fmt.Printf(" %s%v", n.Parameters[i].Name, n.Parameters[i].Shape)
		}
		fmt.Println()
	}
	// Output:
	// network.Linear{Outputs:512 Tokens:false}: [1 4 4] → [512] layers.0.weight[512 16] layers.0.bias[512]
	// network.ReLU{}: [512] → [512]
	// network.Linear{Outputs:8 Tokens:false}: [512] → [8] head.weight[8 512] head.bias[8]
	// network.Normalize{}: [8] → [8]
}

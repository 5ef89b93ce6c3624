package graph

import (
	"fmt"

	"crossbatch/backbone/network"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Array is the storage of a parameter: graphs read Value, and training graphs
// write Grad, which is nil where nothing trains it. Neither may move.
type Array struct{ Value, Grad []float32 }

// Mode is what a graph computes.
type Mode int

// What a graph computes.
const (
	Embedding Mode = iota // embeddings in evaluation mode, by Run
	Training              // embeddings in training mode, and gradients, by Step
	Forward               // embeddings in training mode, by Run, which changes no parameter
)

// Graph is a network built for one batch size, with the machine that runs it. It
// is not safe for concurrent use.
type Graph struct {
	// Images is the input (batch × the network's input), to be filled before a run.
	Images []float32

	// Embeddings is the output of Run, valid until its next call.
	Embeddings []float32

	// First is how many images the training pass has had before those in work: with
	// it a batch that is trained chunk by chunk leaves out what the whole would.
	First int

	// Part says which part of a batch the images are. It may change between runs.
	Part Part

	loss    *hostLoss // nil but in a training graph
	machine gorgonia.VM
	failed  error // of the run at hand, of Part.Sum
}

// Part is a part of a batch that others have the rest of. The zero value is the whole.
type Part struct {
	Offset, Stride int // image i of the part is Offset + i·Stride of the batch; Stride 0: 1

	// Sum stores in x, in each part, the sums over all parts, of one size: so batch
	// normalisation has the statistics of the whole. nil: each part has its own.
	Sum func(x []float64) error
	// Ready, if not nil, is told when a training graph has stored the gradient of a
	// parameter.
	Ready func(parameter int)
}

// place is that of image i of the graph in the whole batch.
func (g *Graph) place(i int) int { return g.Part.Offset + max(g.Part.Stride, 1)*(g.First+i) }

// New builds n for a batch size over arrays, one for each of its parameters.
func New(n *network.Network, arrays []Array, batch int, mode Mode, s *Scratch) (*Graph, error) {
	return build(n, arrays, batch, mode, s, nil)
}

// build is New with room for the gradient with respect to the images, or nil.
func build(n *network.Network, arrays []Array, batch int, mode Mode, s *Scratch, dImages []float32) (g *Graph, err error) {
	shape := append([]int{batch}, n.Input...)
	defer func() {
		// gorgonia panics on what it cannot build.
		if r := recover(); r != nil {
			g, err = nil, fmt.Errorf("graph: building: images of %v: %v: use another batch size", shape, r)
		}
	}()
	g = &Graph{Images: make([]float32, network.Elements(shape))}
	b := &builder{
		graph: gorgonia.NewGraph(), mode: mode, scratch: s, owner: g,
		described: n.Parameters, arrays: arrays, moves: map[*gorgonia.Node]bool{}, side: map[*gorgonia.Node]bool{},
	}
	values := make([]*gorgonia.Node, 1, 1+len(n.Nodes))
	values[network.Images] = b.array("images", shape, Array{g.Images, dImages})
	left, used := n.Uses(), make([]bool, 1+len(n.Nodes))
	rectified := rectified(n, left)
	left[n.Output]-- // from here on, the uses by nodes
	for i := range n.Nodes {
		node := &n.Nodes[i]
		if _, is := node.Op.(network.ReLU); is && rectified[node.Inputs[0]] {
			values = append(values, values[node.Inputs[0]])
			continue
		}
		in := make([]*gorgonia.Node, len(node.Inputs))
		for k, v := range node.Inputs {
			if mode == Training && used[v] && left[v] > 1 && b.moves[values[v]] && v != network.Images {
				values[v] = b.share(values[v])
			}
			in[k] = values[v]
			left[v]--
			used[v] = true
		}
		values = append(values, b.apply(node, rectified[i+1], in))
	}
	x := b.planes(values[n.Output])
	if mode == Training {
		var cost *gorgonia.Node
		g.loss, cost = newHostLoss(b, x)
		// The gradients' nodes write to the parameters' grad; they are of no
		// further use.
		if _, err := gorgonia.Grad(cost, b.trained...); err != nil {
			return nil, fmt.Errorf("graph: differentiating: images of %v: %w", shape, err)
		}
	} else {
		g.Embeddings = x.Op().(*op).result.(*tensor.Dense).Float32s()
	}
	// gorgonia would run two nodes of equal hash as one.
	seen := map[uint32]bool{}
	for _, n := range b.graph.AllNodes() {
		h := n.Hashcode()
		if seen[h] {
			return nil, fmt.Errorf("graph: building: images of %v: two nodes have one hash: use another batch size", shape)
		}
		seen[h] = true
	}
	g.machine = gorgonia.NewTapeMachine(b.graph)
	return g, nil
}

// Run runs a graph that is not for training.
func (g *Graph) Run() error {
	defer g.machine.Reset()
	g.failed = nil
	if err := g.machine.RunAll(); err != nil {
		return fmt.Errorf("graph: running: %w", err)
	}
	return g.failed
}

// Step runs a training graph: forward, grad on the calling goroutine, backward. grad
// gets the embeddings, to be read only, and stores dL/dEmbeddings in dEmb, which
// comes zeroed; both are the graph's and valid during the call. Its error ends the
// step and is returned as it is.
func (g *Graph) Step(grad func(dEmb, emb []float32) error) error {
	done := make(chan error, 1)
	go func() { done <- g.Run() }()
	select {
	case err := <-done: // before it came to the loss
		return err
	case <-g.loss.reached:
	}
	verdict, ran := errAbandoned, error(nil)
	func() {
		// Deferred, so that the machine comes to rest even if grad panics.
		defer func() {
			g.loss.verdict <- verdict
			ran = <-done
		}()
		verdict = grad(g.loss.dEmb, g.loss.emb)
	}()
	if verdict != nil {
		return verdict
	}
	return ran
}

// share is x once more. gorgonia adds the gradients of a node's uses, in an order
// of its own: with two uses at most, that makes no difference.
func (b *builder) share(x *gorgonia.Node) *gorgonia.Node {
	o := &op{
		name:   "share",
		result: x.Op().(*op).result,
		do:     func([][]float32) {},
		diff:   func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes { return gorgonia.Nodes{grad} },
	}
	return b.like(x, b.add(o, x))
}

// rectified finds the values that only a ReLU reads, and whose operation takes it in.
func rectified(n *network.Network, uses []int) []bool {
	found := make([]bool, 1+len(n.Nodes))
	for _, node := range n.Nodes {
		if _, is := node.Op.(network.ReLU); !is || node.Inputs[0] == network.Images || uses[node.Inputs[0]] > 1 {
			continue
		}
		switch n.Nodes[node.Inputs[0]-1].Op.(type) {
		case network.BatchNorm, network.Add:
			found[node.Inputs[0]] = true
		}
	}
	return found
}

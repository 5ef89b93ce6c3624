package backbone

import (
	"fmt"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// graph is a network built for one batch size, with the machine that runs it.
type graph struct {
	images  []float32 // input, to be filled before a run
	emb     []float32 // output of an embedding graph
	loss    *hostLoss // nil in an embedding graph
	machine gorgonia.VM
}

// newGraph builds layers for images of a shape (batch, channels, height, width).
func newGraph(layers []layer, shape []int, training bool, s *scratch) (g *graph, err error) {
	defer func() {
		// gorgonia panics on what it cannot build.
		if r := recover(); r != nil {
			g, err = nil, fmt.Errorf("backbone: building the graph: images of %v: %v: use another batch size", shape, r)
		}
	}()
	g = &graph{images: make([]float32, elements(shape))}
	b := &builder{graph: gorgonia.NewGraph(), training: training, scratch: s, moves: map[*gorgonia.Node]bool{}}
	b.images = b.input("images", g.images, shape)
	x := b.images
	for _, l := range layers {
		x = l.apply(b, x)
	}
	if training {
		var cost *gorgonia.Node
		g.loss, cost = newHostLoss(b, x)
		// The gradients' nodes write to the parameters' grad; they are of no
		// further use.
		if _, err := gorgonia.Grad(cost, b.nodes...); err != nil {
			return nil, fmt.Errorf("backbone: differentiating the graph: images of %v: %w", shape, err)
		}
	} else {
		g.emb = x.Op().(*op).result.(*tensor.Dense).Float32s()
	}
	// gorgonia would run two nodes of equal hash as one.
	seen := map[uint32]bool{}
	for _, n := range b.graph.AllNodes() {
		h := n.Hashcode()
		if seen[h] {
			return nil, fmt.Errorf("backbone: building the graph: images of %v: two nodes have one hash: use another batch size", shape)
		}
		seen[h] = true
	}
	g.machine = gorgonia.NewTapeMachine(b.graph)
	return g, nil
}

// run runs an embedding graph.
func (g *graph) run() error {
	defer g.machine.Reset()
	if err := g.machine.RunAll(); err != nil {
		return fmt.Errorf("backbone: running the graph: %w", err)
	}
	return nil
}

// step runs a training graph, with grad on the calling goroutine between the
// passes.
func (g *graph) step(grad func(dEmb, emb []float32) error) error {
	done := make(chan error, 1)
	go func() { done <- g.run() }()
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

package backbone

import (
	"errors"
	"fmt"
	"slices"

	"crossbatch/backbone/graph"
	"crossbatch/backbone/inference"
	"crossbatch/backbone/network"
)

// Net is a network with its parameters. Make one with New. It is not safe for
// concurrent use; it uses up to GOMAXPROCS cores by itself.
//
// It keeps the graph of every batch size that Train has seen, with room for all
// activations of that size.
type Net struct {
	config  Config
	network *network.Network
	pixels  int // elements of an image
	state   state
	arrays  []graph.Array // the state's

	chunks     chunks
	first      int // images that the training pass has had before those in work
	part       graph.Part
	inChunks   bool // the training pass is not the whole part
	scratch    *graph.Scratch
	plan       *inference.Plan // of Embed, nil before its first call
	held       int             // how many hold the parameters
	trainers   map[int]*graph.Graph
	forwards   map[int]*graph.Graph
	parameters int
}

// New makes a network with freshly drawn weights. It fails on a configuration
// that is unknown, contradictory or too large.
func New(cfg Config) (*Net, error) {
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	described, err := describe(cfg)
	if err != nil {
		return nil, err
	}
	return newNet(cfg, described, draw(described, cfg.Init, cfg.Seed)), nil
}

// newNet makes a network over parameters that are there.
func newNet(cfg Config, described *network.Network, parameters []*parameter) *Net {
	cfg.Dim = network.Elements(described.Shape(described.Output))
	n := &Net{
		config:   cfg,
		network:  described,
		pixels:   network.Elements(described.Input),
		state:    state{all: parameters},
		scratch:  &graph.Scratch{},
		trainers: map[int]*graph.Graph{},
		forwards: map[int]*graph.Graph{},
	}
	for _, p := range parameters {
		n.arrays = append(n.arrays, graph.Array{Value: p.value, Grad: p.grad})
		if p.grad != nil {
			n.parameters += len(p.value)
		}
	}
	return n
}

// Network describes the network: what follows what, and on which parameters, in
// the order in which State visits them. It must not be changed.
func (n *Net) Network() *network.Network { return n.network }

// Dim is the number of elements of an embedding.
func (n *Net) Dim() int { return n.config.Dim }

// Parameters is the number of trained parameters, buffers not counted.
func (n *Net) Parameters() int { return n.parameters }

// State visits the parameters and buffers (batch normalisation's running
// statistics) from the images to the head, the same each time. value and grad
// are row-major, of the given shape, and are the network's own: what is written
// to value takes effect in the next pass, and grad holds the gradient of the
// last Train. grad is nil for a buffer,
// and for a parameter that is frozen. shape must not be changed.
func (n *Net) State(visit func(name string, shape []int, value, grad []float32)) {
	for _, p := range n.state.all {
		visit(p.name, p.shape, p.value, p.grad)
	}
}

// Head tells whether a parameter or buffer is of the head, which another task
// would have another of.
func (n *Net) Head(name string) bool {
	return slices.ContainsFunc(n.state.all, func(p *parameter) bool { return p.head && p.name == name })
}

// Embed stores in dst (n×Dim) the embeddings of images (n × channels × height ×
// width, row-major), for any n. Batch normalisation uses its running
// statistics, and nothing of the network changes. It fails where the lengths do
// not fit each other; dst must not overlap images.
//
// Each call reads the parameters anew and lays out those that have changed, so that many
// images in one call go faster than in many, unless [Net.Hold] says that none does.
func (n *Net) Embed(dst, images []float32) error {
	rows := len(images) / n.pixels
	if rows*n.pixels != len(images) || len(dst) != rows*n.Dim() {
		return fmt.Errorf("backbone: lengths do not fit: %d numbers of images, %d of embeddings: give n×%d and n×%d",
			len(images), len(dst), n.pixels, n.Dim())
	}
	if n.plan == nil {
		arrays := make([][]float32, len(n.arrays))
		for i, a := range n.arrays {
			arrays[i] = a.Value
		}
		plan, err := inference.New(n.network, arrays)
		if err != nil {
			return fmt.Errorf("backbone: %w", err)
		}
		n.plan = plan
		n.plan.Hold(n.held > 0)
	}
	n.plan.Embed(dst, images)
	return nil
}

// Hold says that no parameter changes until release is called, once: Embed then looks for
// changes in its first call alone.
func (n *Net) Hold() (release func()) {
	hold := func(more int) {
		before := n.held > 0
		if n.held += more; n.plan != nil && before != (n.held > 0) {
			n.plan.Hold(n.held > 0)
		}
	}
	hold(1)
	return func() { hold(-1) }
}

// Forward stores in dst (n×Dim) the embeddings of images (n × channels × height ×
// width, row-major) that Train would find now: by the statistics of this batch
// where there is batch normalisation, and with the elements dropped that dropout
// drops next. With Config.Chunk the statistics are each chunk's, as there. Unlike
// Train it changes nothing of the network: not the running statistics, not the draws
// of dropout, not the gradients. dst must not overlap images.
//
// The first call of a batch size builds a graph for it.
func (n *Net) Forward(dst, images []float32) error {
	rows := len(images) / n.pixels
	if rows == 0 || rows*n.pixels != len(images) || len(dst) != rows*n.Dim() {
		return fmt.Errorf("backbone: lengths do not fit: %d numbers of images, %d of embeddings: give n×%d and n×%d, n at least 1",
			len(images), len(dst), n.pixels, n.Dim())
	}
	chunk := rows
	if n.config.Chunk > 0 {
		chunk = min(rows, n.config.Chunk)
	}
	for first := 0; first < rows; first += chunk {
		k := min(chunk, rows-first)
		g, err := n.graph(n.forwards, k, graph.Forward)
		if err != nil {
			return err
		}
		copy(g.Images, images[first*n.pixels:])
		g.First = first
		if err := g.Run(); err != nil {
			return fmt.Errorf("backbone: %w", err)
		}
		copy(dst[first*n.Dim():], g.Embeddings)
	}
	return nil
}

// Train takes one step's passes over images (n × channels × height × width,
// row-major): forward, with the statistics of this batch where there is batch
// normalisation, then one call of grad with the embeddings emb (n×Dim), which
// it must only read, and dEmb (n×Dim, zeros), in which it stores
// dL/dEmbeddings, then backward. With Config.Chunk, and more images than that,
// each pass goes chunk by chunk, see chunks.go: the room that a step takes is a
// chunk's, the gradient is the whole batch's, but for batch normalisation, whose
// statistics are then each chunk's own. The gradients of the parameters are then to be
// had from State; they are those of this call alone. Updating the parameters is
// left to the caller.
//
// Both slices are the network's own and valid during the call of grad, which
// runs on the calling goroutine and must not call Train or Embed of the same
// network. An error of grad ends the step and is returned as it is. After any
// error gradients are unspecified; the running statistics have moved if grad
// was called.
//
// The first call of a batch size builds a graph for it.
func (n *Net) Train(images []float32, grad func(dEmb, emb []float32) error) error {
	rows := len(images) / n.pixels
	if rows == 0 || rows*n.pixels != len(images) {
		return fmt.Errorf("backbone: length does not fit: %d numbers of images: give n×%d, n at least 1", len(images), n.pixels)
	}
	if grad == nil {
		return errors.New("backbone: no gradient: Train got a nil function: pass one that stores dL/dEmbeddings")
	}
	if n.config.Chunk > 0 && rows > n.config.Chunk {
		return n.trainChunks(images, grad)
	}
	return n.trainOne(images, grad)
}

// trainOne is Train for images that are in work at once.
func (n *Net) trainOne(images []float32, grad func(dEmb, emb []float32) error) error {
	g, err := n.graph(n.trainers, len(images)/n.pixels, graph.Training)
	if err != nil {
		return err
	}
	copy(g.Images, images)
	g.First = n.first
	return g.Step(grad)
}

// graph returns the graph for a batch size, from kept or built and put there.
func (n *Net) graph(kept map[int]*graph.Graph, batch int, mode graph.Mode) (*graph.Graph, error) {
	if g := kept[batch]; g != nil {
		g.Part = n.part
		return g, nil
	}
	g, err := graph.New(n.network, n.arrays, batch, mode, n.scratch)
	if err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	kept[batch], g.Part = g, n.part
	return g, nil
}

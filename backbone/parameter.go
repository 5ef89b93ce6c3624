package backbone

import (
	"math"
	"math/rand/v2"

	"crossbatch/backbone/network"
)

// parameter is one named array of a network, row-major. Its storage never
// moves: graphs of every batch size read value and write grad. A buffer, which
// training changes but no gradient does, has no grad, and neither has a parameter
// that is frozen.
type parameter struct {
	name        string
	shape       []int
	value, grad []float32
	head        bool // of the part that another task has another of
}

// state is the parameters and buffers of a network in their order.
type state struct{ all []*parameter }

// The ways to draw initial weights.
const (
	// InitHe draws normal numbers of variance 2/inputs where a ReLU follows, and 1/inputs
	// in the head; biases are 0. Networks of tokens have a deviation of 0.02.
	//
	//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun. Delving Deep into Rectifiers.
	//	ICCV 2015. https://arxiv.org/abs/1502.01852
	InitHe = "he"
	// InitTorch draws weights and biases evenly from ±1/√inputs, as PyTorch's Conv2d and
	// Linear do by default: He's uniform with a = √5, whose variance, 1/(3·inputs), is a
	// sixth of InitHe's. A recipe for PyTorch's networks then has the same steps here.
	//
	// https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
	InitTorch = "torch"
)

// draw makes the parameters of a network with their initial values. Each has a
// stream of random numbers for its place, which keeps its values from depending
// on how many were drawn before.
func draw(n *network.Network, init string, seed uint64) []*parameter {
	all := make([]*parameter, len(n.Parameters))
	for i, d := range n.Parameters {
		p := &parameter{name: d.Name, shape: d.Shape, value: make([]float32, network.Elements(d.Shape)), head: d.Head}
		rng := rand.New(rand.NewPCG(seed, uint64(i+1)))
		for j := range p.value {
			switch {
			case init == InitTorch && d.Inputs > 0:
				p.value[j] = float32((2*rng.Float64() - 1) / math.Sqrt(float64(d.Inputs)))
			case d.Deviation > 0:
				p.value[j] = float32(d.Deviation * rng.NormFloat64())
			default:
				p.value[j] = d.Start
			}
		}
		if d.IsTrained() {
			p.grad = make([]float32, len(p.value))
		}
		all[i] = p
	}
	return all
}

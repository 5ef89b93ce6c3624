package backbone

import (
	"math"
	"math/rand/v2"
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

// state is the parameters and buffers of a network in their order, and the
// source of the initial values.
type state struct {
	seed   uint64
	freeze string // what is added is part of what this freezes
	head   bool   // what is added is the head
	first  int    // images that the training pass has had before those in work
	all    []*parameter
}

// beginHead says that what is added from now on is the head: nothing freezes it.
func (s *state) beginHead() { s.freeze, s.head = "", true }

// heGain keeps the variance of what passes a linear map followed by a ReLU,
// which halves it, and headGain that of what passes a linear map alone.
//
//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun,
//	Delving Deep into Rectifiers: Surpassing Human-Level Performance on
//	ImageNet Classification, ICCV 2015, https://arxiv.org/abs/1502.01852,
//	equation 10 and the note on its first layer.
const (
	heGain   = 2
	headGain = 1
)

// weight adds a parameter of normal numbers of variance gain/fan-in; the first
// dimension of shape is the outputs, the others make the fan-in.
func (s *state) weight(name string, gain float64, shape ...int) *parameter {
	p := s.constant(name, 0, shape...)
	// A stream for each place keeps a parameter's draw from depending on how
	// many were drawn before.
	rng := rand.New(rand.NewPCG(s.seed, uint64(len(s.all))))
	fanIn := len(p.value) / shape[0]
	deviation := math.Sqrt(gain / float64(fanIn))
	for i := range p.value {
		p.value[i] = float32(deviation * rng.NormFloat64())
	}
	return p
}

// constant adds a parameter that starts as v everywhere.
func (s *state) constant(name string, v float32, shape ...int) *parameter {
	p := s.buffer(name, v, shape...)
	if s.freeze != FreezeTrunk {
		p.grad = make([]float32, len(p.value))
	}
	return p
}

// buffer adds a buffer that starts as v everywhere.
func (s *state) buffer(name string, v float32, shape ...int) *parameter {
	p := &parameter{name: name, shape: shape, value: make([]float32, elements(shape)), head: s.head}
	for i := range p.value {
		p.value[i] = v
	}
	s.all = append(s.all, p)
	return p
}

// elements is the number of elements of an array of a shape.
func elements(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

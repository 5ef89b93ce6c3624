package bench

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"time"

	"crossbatch/backbone"
	"crossbatch/trainer/optim"
	"crossbatch/trainer/setting"
)

// Throughput is how many images a network takes in.
type Throughput struct {
	Name       string  `json:"name"`
	Shape      string  `json:"shape"`
	MedianMS   float64 `json:"median_ms"`
	MinMS      float64 `json:"min_ms"`
	Images     float64 `json:"images_per_second"` // at the median
	ExtraBytes uint64  `json:"extra_bytes"`       // all that a step allocates
}

// Net is a network to be measured. All fields are needed, see [DefaultNet]; of Config
// neither the shape of the images, which is Image, nor the seed is looked at.
type Net struct {
	Config backbone.Config
	Image  Shape // channels, height, width
	Batch  int   // images a step
}

// Measure measures, for about the given time each, a training step (forward, backward
// from a gradient that is given, and SGD; no loss and no data) and embedding, which is
// forward alone. It hands each to told as it comes.
func (n Net) Measure(about time.Duration, told func(Throughput) error) error {
	if err := setting.Validate(n.Settings()); err != nil {
		return err
	}
	c := n.Config
	c.Channels, c.Height, c.Width, c.Seed = n.Image[0], n.Image[1], n.Image[2], 1
	net, err := backbone.New(c)
	if err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, 1))
	images, gradient := make([]float32, n.Batch*c.Channels*c.Height*c.Width), make([]float32, n.Batch*net.Dim())
	for _, x := range [][]float32{images, gradient} {
		for i := range x {
			x[i] = float32(rng.NormFloat64())
		}
	}
	sgd := &optim.SGD{}
	step := func() error {
		err := net.Train(images, func(dEmb, _ []float32) error {
			copy(dEmb, gradient)
			return nil
		})
		if err != nil {
			return err
		}
		sgd.Begin(1e-6)
		i := 0
		net.State(func(_ string, _ []int, value, grad []float32) {
			if grad != nil {
				sgd.Update(i, 1, value, grad)
				i++
			}
		})
		return nil
	}
	emb := make([]float32, len(gradient))
	embed := func() error { return net.Embed(emb, images) }
	for _, m := range []struct {
		name string
		once func() error
	}{{"train", step}, {"embed", embed}} {
		b := Measurement{}
		if m.name == "embed" {
			defer net.Hold()() // as where a set of images is embedded
		}
		if err := m.once(); err != nil { // builds the graph
			return err
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := m.once(); err != nil {
			return err
		}
		runtime.ReadMemStats(&after)
		if err := b.measure(0, about, nil, m.once); err != nil {
			return err
		}
		err := told(Throughput{
			Name: m.name + " " + c.Kind, Shape: fmt.Sprintf("%d×%v", n.Batch, n.Image),
			MedianMS: b.MedianMS, MinMS: b.MinMS, Images: 1e3 * float64(n.Batch) / b.MedianMS, ExtraBytes: after.TotalAlloc - before.TotalAlloc,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

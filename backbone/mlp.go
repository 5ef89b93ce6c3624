package backbone

import "crossbatch/backbone/network"

// MLP is one hidden layer with a ReLU over the image, read as a row of numbers.
const MLP = "mlp"

func mlp(b *network.Builder, c Config) network.Value {
	return b.ReLU(b.Linear(b.Images(), "layers.0", network.ReLUGain, c.Filters))
}

package backbone

import "crossbatch/backbone/network"

// Linear is the head alone, over the image, read as a row of numbers: for
// features of another model.
const Linear = "linear"

func linear(b *network.Builder, _ Config) network.Value { return b.Images() }

package bench

import (
	"crossbatch/backbone"
	"crossbatch/trainer/setting"
)

// DefaultMemory is a batch of 64 against as many rows as Stanford Online Products has
// training images, of as many classes. It has no loss: [Memory.Losses] takes the main
// ones.
func DefaultMemory() Memory {
	return Memory{Miner: "none", Batch: 64, PerClass: 4, Dim: 128, Rows: 59551, Classes: 11318}
}

// Settings are the rows of its fields.
func (m *Memory) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "loss", Value: &m.Loss, Group: "What", Range: setting.Form("a loss"), Help: "`LOSS`, as in xbm train --help, or all"},
		{Key: "miner", Value: &m.Miner, Group: "What", Range: setting.Form("a miner"), Help: "`MINER`, as in xbm train --help"},
		{Key: "batch", Value: &m.Batch, Group: "What", Unit: "images", Range: setting.AtLeast(1), Help: "images a step"},
		{Key: "per-class", Value: &m.PerClass, Group: "What", Unit: "images", Range: setting.AtLeast(1), Help: "images of each class in a batch"},
		{Key: "dim", Value: &m.Dim, Group: "What", Unit: "numbers", Range: setting.AtLeast(1), Help: "numbers in an embedding"},
		{Key: "memory", Value: &m.Rows, Group: "What", Unit: "rows", Range: setting.AtLeast(1), Help: "rows of the memory"},
		{Key: "classes", Value: &m.Classes, Group: "What", Unit: "classes", Range: setting.AtLeast(1), Help: "classes that the labels are drawn from"},
		{Key: "half-memory", Value: &m.Half, Group: "What", Range: setting.Any(), Help: "keep the memory's rows in 16 bits a number"},
	}
}

// DefaultNet is the trainer's own network on a batch of 64 images as it sees them.
func DefaultNet() Net {
	return Net{Image: Shape{1, 32, 32}, Batch: 64, Config: backbone.Config{Kind: backbone.Conv4, Dim: 128}}
}

// Settings are the rows of its fields.
func (n *Net) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "backbone", Value: &n.Config.Kind, Group: "What", Range: setting.Form("a network"), Help: "`NETWORK`: "},
		{Key: "image", Value: &n.Image, Group: "What", Range: setting.Form("CxHxW"), Help: "channels, height and width, as `CxHxW`"},
		{Key: "width", Value: &n.Config.Filters, Group: "What", Unit: "filters", Range: setting.AtLeast(0).Note("the network's default"), Help: "filters a block; 0: the network's default"},
		{Key: "batch", Value: &n.Batch, Group: "What", Unit: "images", Range: setting.AtLeast(1), Help: "images a step"},
		{Key: "dim", Value: &n.Config.Dim, Group: "What", Unit: "numbers", Range: setting.AtLeast(1), Help: "numbers in an embedding"},
	}
}

// DefaultNeighbors is as many embeddings as Stanford Online Products has test images, with
// few neighbours and with many.
func DefaultNeighbors() Neighbors { return Neighbors{Rows: 60502, Dim: 128, K: []int{11, 1001}} }

// Settings are the rows of its fields but for K.
func (n *Neighbors) Settings() []setting.Setting {
	return []setting.Setting{
		{Key: "rows", Value: &n.Rows, Group: "What", Unit: "rows", Range: setting.AtLeast(2), Help: "embeddings"},
		{Key: "dim", Value: &n.Dim, Group: "What", Unit: "numbers", Range: setting.AtLeast(1), Help: "numbers in an embedding"},
	}
}

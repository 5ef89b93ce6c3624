package run

import (
	"fmt"
	"strings"
)

// preset is a named set of settings, as a configuration file has them.
type preset struct{ name, help, text string }

// presets are those that [Settings.Preset] knows.
//
// xbm-paper is the recipe for Stanford Online Products of
//
//	Xun Wang, Haozhi Zhang, Weilin Huang, Matthew R. Scott, Cross-Batch Memory for
//	Embedding Learning, CVPR 2020, https://arxiv.org/abs/1912.06798,
//
// with the GoogLeNet of its ablations. Its weight decay, and the random crops from a fifth
// of the image, are those of the released configuration. Unlike there, validation is on
// classes of its own, not on the test's.
//
// reality-check is that of
//
//	Kevin Musgrave, Serge Belongie, Ser-Nam Lim, A Metric Learning Reality Check, ECCV
//	2020, https://arxiv.org/abs/2003.08505, section 4.
//
// Unlike there, images are of 224×224 in place of 227×227, which the network's halvings
// do not divide. A memory, which it has none of, is --memory 100%.
//
// frozen-features is no paper's: a head on a network that stays as it is, or on features
// (--data features:), with AdamW, warm-up, and decay of matrices alone.
func presets() []preset {
	return []preset{
		{"xbm-paper", "Cross-Batch Memory's recipe (GoogLeNet, 224 pixels, Adam, a memory of the whole training set from step 1000 on; give --weights)", `
backbone: googlenet
dim: 128
image-size: 224
augment: photo:scale=0.2..1
loss: contrastive
memory: 100%
start: 1000
combine: paper
batch: 64
per-class: 4
optimizer: adam
lr: 3e-4
weight-decay: 5e-4
schedule: step
steps: 34000
validate-every: 1000
`},
		{"reality-check", "A Metric Learning Reality Check's (BN-Inception with frozen batch normalisation, RMSprop at 1e-6, no memory, folds of sorted classes; give --weights)", `
backbone: bninception
dim: 128
freeze: bn
image-size: 224
augment: photo:scale=0.16..1
loss: contrastive
memory: 0
batch: 32
per-class: 4
optimizer: rmsprop
lr: 1e-6
momentum: 0.9
weight-decay: 1e-4
schedule: constant
steps: 100000
validate-every: 200
patience: 9
folds: 4
fold: 1
class-order: sorted
`},
		{"frozen-features", "a head on a network that stays as it is, or on --data features: (AdamW, warm-up, decay of matrices alone, a memory of the whole training set)", `
freeze: trunk
loss: contrastive
memory: 100%
start: 0
batch: 64
per-class: 4
optimizer: adamw
lr: 1e-3
weight-decay: 1e-2
decay: weights
warmup: 100
schedule: cosine
steps: 2000
validate-every: 100
`},
	}
}

// PresetHelp lists the presets, for the help of a flag.
func PresetHelp() string {
	var all []string
	for _, p := range presets() {
		all = append(all, p.name+", "+p.help)
	}
	return strings.Join(all, "; ")
}

// Preset sets what the preset of this name has, and leaves the rest. An unknown name is an
// error.
func (s *Settings) Preset(name string) error {
	var names []string
	for _, p := range presets() {
		if p.name == name {
			return s.parse("preset "+name, []byte(p.text))
		}
		names = append(names, p.name)
	}
	return fmt.Errorf("preset: there is no %q: choose one of %s", name, strings.Join(names, ", "))
}

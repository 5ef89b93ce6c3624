package trainer

import (
	"errors"
	"fmt"
	"math"

	"crossbatch/trainer/optim"
)

// The values of KeysConfig.Encoder: which network embeds the rows that the memory stores.
const (
	// EncoderPlain stores the embeddings of the trained network.
	EncoderPlain = "plain"
	// EncoderMomentum stores keys: embeddings of the same images by a momentum encoder (He et
	// al., MoCo, CVPR 2020, https://arxiv.org/abs/1911.05722). Without labels they are
	// embeddings of the images' other views. The parameters and buffers of the momentum
	// encoder are a moving average of the trained network's. It changes more slowly, so that
	// its rows stay comparable for longer.
	EncoderMomentum = "momentum"
)

// The values of KeysConfig.Schedule: how the momentum of the momentum encoder changes over the
// steps.
const (
	KeyConstant = "constant"
	// KeyCosine rises from Config.Keys.Momentum to 1 along half a cosine (Grill et al., Bootstrap
	// Your Own Latent, NeurIPS 2020, https://arxiv.org/abs/2006.07733, section 3.3).
	KeyCosine = "cosine"
)

// DefaultKeyMomentum is for runs of some thousand steps: the momentum encoder then averages
// about the last hundred networks. The 0.999 of the MoCo paper is for a million steps.
const DefaultKeyMomentum = 0.99

// The values of KeysConfig.Norm: the statistics by which batch normalisation normalises keys.
const (
	KeyNormBatch   = "batch"   // the statistics of their own batch
	KeyNormRunning = "running" // running statistics, which follow as the weights do
)

func (c Config) hasKeys() bool { return c.Keys.Encoder == EncoderMomentum }

// validateKeys looks at whether there is a memory for the keys.
func (c Config) validateKeys() error {
	if !c.hasKeys() {
		return nil
	}
	rows, err := c.MemoryRows(1)
	if err == nil && rows == 0 {
		err = fmt.Errorf("trainer: encoder is %s and there is no memory to hold its keys: give memory 2048, or encoder %s", EncoderMomentum, EncoderPlain)
	}
	return err
}

// keyMomentum is the momentum after a step.
func (c Config) keyMomentum(step int64) float64 {
	if c.Keys.Schedule != KeyCosine {
		return c.Keys.Momentum
	}
	return 1 - (1-c.Keys.Momentum)*(1+math.Cos(math.Pi*float64(step)/float64(c.Steps)))/2
}

// momentumEncoder makes keys: embeddings that the memory stores in place of the
// anchors'. It is that of
//
//	Kaiming He, Haoqi Fan, Yuxin Wu, Saining Xie, Ross Girshick. Momentum Contrast
//	for Unsupervised Visual Representation Learning. CVPR 2020.
//	https://arxiv.org/abs/1911.05722 (section 3).
//
// It is run forward only: no gradient reaches it, and its running statistics are
// those that follow the trained encoder's. As in the paper its batch
// normalisation has the statistics of the keys' own batch, so that keys and anchors
// are embedded alike; unlike there, where keys are shuffled over several devices,
// this is one batch, by which a network could tell keys of this step from older ones.
// With KeyNormRunning none can. And where Combine is PML, the keys of a batch's other
// images are in the memory when its loss is taken, so that there are negatives from
// the first step on.
type momentumEncoder struct {
	config  Config
	encoder Encoder
	rows    []float32
}

// newMomentumEncoder returns the momentum encoder, as it is at the start: the trained one. It is
// nil where there is none.
func newMomentumEncoder(c Config, r Run) (*momentumEncoder, error) {
	if !c.hasKeys() {
		return nil, nil
	}
	if r.MomentumEncoder == nil {
		return nil, fmt.Errorf("trainer: encoder is %s: give another encoder to Run.MomentumEncoder", EncoderMomentum)
	}
	rows := c.Batch.Size * c.views() / r.ranks()
	if c.unlabelled() {
		rows /= 2
	}
	k := &momentumEncoder{config: c, encoder: r.MomentumEncoder, rows: make([]float32, rows*c.Network.Dim)}
	var of, to []int
	r.Encoder.State(func(_ string, _ []int, value, _ []float32) { of = append(of, len(value)) })
	r.MomentumEncoder.State(func(_ string, _ []int, value, _ []float32) { to = append(to, len(value)) })
	if fmt.Sprint(of) != fmt.Sprint(to) {
		return nil, errors.New("trainer: Run.MomentumEncoder has other parameters than Run.Encoder: give one of the same make")
	}
	k.move(r.Encoder, 0)
	return k, nil
}

// move takes the state towards that of the trained encoder.
func (k *momentumEncoder) move(trained Encoder, momentum float64) {
	var values [][]float32
	trained.State(func(_ string, _ []int, value, _ []float32) { values = append(values, value) })
	i := 0
	k.encoder.State(func(_ string, _ []int, value, _ []float32) {
		optim.Follow(value, values[i], momentum)
		i++
	})
}

// follow comes after a step of the trained encoder. It returns the momentum, for the
// metric.
func (k *momentumEncoder) follow(step int64, trained Encoder) *float64 {
	if k == nil {
		return nil
	}
	m := k.config.keyMomentum(step)
	k.move(trained, m)
	return &m
}

// storing is the encoder whose rows the memory stores.
func (t *Training) storing() Encoder {
	if t.momentum != nil {
		return t.momentum.encoder
	}
	return t.Encoder
}

// keys returns which of a batch's images are anchors, and the keys of these: with
// labels all, and their own keys; without, the first views, and the keys of the
// second ones. Without a momentum encoder all are anchors, and there are no keys.
func (k *momentumEncoder) keys(images []float32) (anchors, rows []float32, err error) {
	if k == nil {
		return images, nil, nil
	}
	anchors, keyed := images, images
	if k.config.unlabelled() {
		anchors, keyed = images[:len(images)/2], images[len(images)/2:]
	}
	embed := k.encoder.Forward
	if k.config.Keys.Norm == KeyNormRunning {
		embed = k.encoder.Embed
	}
	return anchors, k.rows, embed(k.rows, keyed)
}

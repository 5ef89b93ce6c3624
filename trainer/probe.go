package trainer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"crossbatch/trainer/data"
	"crossbatch/xbm/pair"
)

// probeImages is how many images a probe has, where there are as many: the mean
// drift of these is within a few hundredths of that of all.
const probeImages = 256

// probe embeds the same images at one step after another, and keeps what a later
// step is to be compared with.
type probe struct {
	index []int
	dim   int
	past  []pastEmbedding // by ascending step
}

// pastEmbedding is what the probe's images were embedded as, in unit rows.
type pastEmbedding struct {
	step int64
	rows []float32
}

// newProbe draws so many images from those of the training, or takes all of them.
func newProbe(c Config, train []int, images int) probe {
	chosen := rand.New(rand.NewPCG(c.Seed, probeStream)).Perm(len(train))
	p := probe{dim: c.Network.Dim}
	for _, k := range chosen[:min(images, len(train))] {
		p.index = append(p.index, train[k])
	}
	return p
}

// embed embeds the images by the network as it is, in evaluation mode, and keeps
// the rows under the step.
func (p *probe) embed(e Encoder, set *data.Set, step int64) error {
	rows, err := embedUnit(e, set, p.index)
	p.past = append(p.past, pastEmbedding{step, rows})
	return err
}

// at is what the images were embedded as at a step; nil where that is not kept.
func (p *probe) at(step int64) []float32 {
	for _, q := range p.past {
		if q.step == step {
			return q.rows
		}
	}
	return nil
}

// keep forgets all steps but those that are needed.
func (p *probe) keep(needed func(step int64) bool) {
	p.past = slices.DeleteFunc(p.past, func(q pastEmbedding) bool { return !needed(q.step) })
}

// embedUnit is embed, with the rows brought to unit length as a memory has them.
func embedUnit(e Encoder, set *data.Set, index []int) ([]float32, error) {
	emb, err := embed(e, set, index)
	if err != nil {
		return nil, err
	}
	var unit pair.Unit
	unit.Set(emb, e.Dim())
	return unit.Rows, nil
}

// errProbe is what every error about a damaged or foreign state wraps.
var errProbe = errors.New("not a state of this probe")

// AppendBinary appends what the probe keeps, little-endian: as 64-bit numbers the
// floats of an embedding of all images and the count of embeddings, then for each
// its step (64 bits) and its floats.
func (p *probe) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, uint64(len(p.index)*p.dim))
	b = binary.LittleEndian.AppendUint64(b, uint64(len(p.past)))
	for _, q := range p.past {
		b = binary.LittleEndian.AppendUint64(b, uint64(q.step))
		for _, x := range q.rows {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	return b, nil
}

// UnmarshalBinary restores what AppendBinary wrote, for the same images. After an
// error nothing has changed.
func (p *probe) UnmarshalBinary(data []byte) error {
	const header = 16
	floats := len(p.index) * p.dim
	each := 8 + 4*floats
	if len(data) < header {
		return fmt.Errorf("trainer: restore the probe: %d bytes: %w", len(data), errProbe)
	}
	if got := binary.LittleEndian.Uint64(data); got != uint64(floats) {
		return fmt.Errorf("trainer: restore the probe: the state is of %d numbers, the probe of %d: %w", got, floats, errProbe)
	}
	count, body := binary.LittleEndian.Uint64(data[8:]), data[header:]
	if count > uint64(len(body)) || len(body) != int(count)*each {
		return fmt.Errorf("trainer: restore the probe: %d bytes for %d embeddings of %d bytes: %w", len(body), count, each, errProbe)
	}
	past := make([]pastEmbedding, count)
	for k := range past {
		q := body[k*each:]
		past[k] = pastEmbedding{int64(binary.LittleEndian.Uint64(q)), make([]float32, floats)}
		for i := range past[k].rows {
			past[k].rows[i] = math.Float32frombits(binary.LittleEndian.Uint32(q[8+4*i:]))
		}
	}
	p.past = past
	return nil
}

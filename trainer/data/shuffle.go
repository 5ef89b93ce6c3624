package data

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
)

var (
	_ encoding.BinaryAppender    = (*Shuffle)(nil)
	_ encoding.BinaryUnmarshaler = (*Shuffle)(nil)
)

// Shuffle samples batches without regard to classes, for training without labels. All images
// come in shuffled rounds, and no image is twice in a batch. A Shuffle comes from NewShuffle;
// the zero value cannot be used. It is not safe for concurrent use.
type Shuffle struct {
	batch  int
	seed   uint64
	images deck
	source *rand.PCG
}

// NewShuffle returns a sampler of batches of batch images of those at index. It copies index.
// It is an error if batch is below 1 or above len(index), or if an index comes twice.
func NewShuffle(index []int, batch int, seed uint64) (*Shuffle, error) {
	if batch < 1 || batch > len(index) {
		return nil, fmt.Errorf("data: shuffle: %d images a batch of %d: give 1 to %d", batch, len(index), len(index))
	}
	images := slices.Sorted(slices.Values(index))
	for k := 1; k < len(images); k++ {
		if images[k] == images[k-1] {
			return nil, fmt.Errorf("data: shuffle: image %d is listed twice: list it once", images[k])
		}
	}
	return &Shuffle{batch: batch, seed: seed, images: newDeck(images), source: rand.NewPCG(seed, 0)}, nil
}

// BatchSize returns the number of images of a batch.
func (s *Shuffle) BatchSize() int { return s.batch }

// Next stores the image indices of the next batch in dst. It panics if len(dst) is not
// BatchSize.
func (s *Shuffle) Next(dst []int) {
	if len(dst) != s.batch {
		panic(fmt.Sprintf("data: shuffle: dst holds %d images, a batch has %d", len(dst), s.batch))
	}
	s.images.deal(dst, rand.New(s.source))
}

// shuffleState starts a saved state; its last byte is the version.
const shuffleState = "xbmSH\x01"

// AppendBinary appends the state of the sampler to b. A sampler that restores it with
// UnmarshalBinary continues with the same batches.
func (s *Shuffle) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(append(b, shuffleState...), s.fingerprint())
	return appendDecks(b, s.source, []*deck{&s.images})
}

// UnmarshalBinary restores the state of a sampler that NewShuffle made from the same images,
// batch and seed. After an error s is unchanged.
func (s *Shuffle) UnmarshalBinary(state []byte) error {
	if len(state) < len(shuffleState)+8 || string(state[:len(shuffleState)]) != shuffleState {
		return errors.New("data: shuffle: state: not one of this version: start the run anew")
	}
	state = state[len(shuffleState):]
	if binary.LittleEndian.Uint64(state) != s.fingerprint() {
		return errors.New("data: shuffle: state: it belongs to another set, split, batch or seed: resume with the run's own settings")
	}
	source, ok := restoreDecks(state[8:], []*deck{&s.images})
	if !ok {
		return errors.New("data: shuffle: state: damaged: take an older checkpoint")
	}
	s.source = source
	return nil
}

func (s *Shuffle) fingerprint() uint64 {
	b := binary.LittleEndian.AppendUint64(binary.AppendUvarint(nil, uint64(s.batch)), s.seed)
	for _, image := range slices.Sorted(slices.Values(s.images.cards)) {
		b = binary.AppendUvarint(b, uint64(image))
	}
	hash := fnv.New64a()
	hash.Write(b)
	return hash.Sum64()
}

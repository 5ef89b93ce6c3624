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

// Shuffle samples batches without regard to classes, for learning without labels: all images
// in shuffled rounds, none twice in a batch. It comes from [NewShuffle]; the zero value is of
// no use. It is not safe for concurrent use.
type Shuffle struct {
	batch  int
	seed   uint64
	images deck
	source *rand.PCG
}

// NewShuffle returns a sampler of so many images a batch of those at index, which it copies.
// Errors: a batch below 1 or larger than index, or an image that is there twice.
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

// Next stores the image indices of the next batch in dst. It panics where dst is not of
// length BatchSize.
func (s *Shuffle) Next(dst []int) {
	if len(dst) != s.batch {
		panic(fmt.Sprintf("data: shuffle: dst holds %d images, a batch has %d", len(dst), s.batch))
	}
	s.images.deal(dst, rand.New(s.source))
}

// shuffleState starts a saved state; its last byte is the version.
const shuffleState = "xbmSH\x01"

// AppendBinary appends the state of the sampler to b. Restored by UnmarshalBinary, it goes on
// with exactly the batches that this one goes on with.
func (s *Shuffle) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(append(b, shuffleState...), s.fingerprint())
	return appendDecks(b, s.source, []*deck{&s.images})
}

// UnmarshalBinary restores a state of a sampler that NewShuffle made from the same images,
// batch and seed. Where it returns an error, s is as before.
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

package data

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"hash/fnv"
	"slices"
)

var (
	_ encoding.BinaryAppender    = (*PK)(nil)
	_ encoding.BinaryMarshaler   = (*PK)(nil)
	_ encoding.BinaryUnmarshaler = (*PK)(nil)
)

// pkState starts a saved state; its last byte is the version of the layout: the
// fingerprint in 8 bytes, then what appendDecks writes, the deck of classes first.
const pkState = "xbmPK\x01"

// AppendBinary appends the state of the sampler to b. A sampler that restores it with
// UnmarshalBinary continues with the same batches. The error is always nil.
func (pk *PK) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, pkState...)
	b = binary.LittleEndian.AppendUint64(b, pk.fingerprint())
	return appendDecks(b, pk.source, pk.decks())
}

// MarshalBinary returns the state of the sampler, as AppendBinary does.
func (pk *PK) MarshalBinary() ([]byte, error) { return pk.AppendBinary(nil) }

// UnmarshalBinary restores the state of a sampler that NewPK made from the same labels,
// images, P, K and seed. After an error pk is unchanged.
func (pk *PK) UnmarshalBinary(state []byte) error {
	rest, found := bytes.CutPrefix(state, []byte(pkState))
	if !found || len(rest) < 8 {
		return errors.New("data: PK sampler: state: not one of this version: start the run anew")
	}
	if binary.LittleEndian.Uint64(rest) != pk.fingerprint() {
		return errors.New("data: PK sampler: state: it belongs to another set, split, batch shape or seed: resume with the run's own settings")
	}
	source, ok := restoreDecks(rest[8:], pk.decks())
	if !ok {
		return errors.New("data: PK sampler: state: damaged: take an older checkpoint")
	}
	pk.source = source
	return nil
}

func (pk *PK) decks() []*deck {
	decks := []*deck{&pk.classes}
	for n := range pk.images {
		decks = append(decks, &pk.images[n])
	}
	return decks
}

// fingerprint tells samplers apart that deal other images; it doesn't change with Next.
func (pk *PK) fingerprint() uint64 {
	b := binary.AppendUvarint(nil, uint64(pk.perBatch))
	b = binary.AppendUvarint(b, uint64(pk.perClass))
	b = binary.LittleEndian.AppendUint64(b, pk.seed)
	for n, label := range pk.labels {
		b = binary.AppendVarint(b, int64(label))
		b = binary.AppendUvarint(b, uint64(len(pk.images[n].cards)))
		for _, image := range slices.Sorted(slices.Values(pk.images[n].cards)) {
			b = binary.AppendUvarint(b, uint64(image))
		}
	}
	hash := fnv.New64a()
	hash.Write(b)
	return hash.Sum64()
}

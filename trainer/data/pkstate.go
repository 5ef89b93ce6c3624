package data

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
)

var (
	_ encoding.BinaryAppender    = (*PK)(nil)
	_ encoding.BinaryMarshaler   = (*PK)(nil)
	_ encoding.BinaryUnmarshaler = (*PK)(nil)
)

// pkState starts a saved state; its last byte is the version of the layout: the
// fingerprint in 8 bytes, the generator's state after its length, then the decks, that of
// classes first, each as its cursor and its cards by their rank.
const pkState = "xbmPK\x01"

// AppendBinary appends the state of the sampler to b. Restored by UnmarshalBinary, it
// goes on with exactly the batches that this one goes on with. The error is always nil.
func (pk *PK) AppendBinary(b []byte) ([]byte, error) {
	b = append(b, pkState...)
	b = binary.LittleEndian.AppendUint64(b, pk.fingerprint())
	generator, err := pk.source.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("data: PK sampler: %w", err)
	}
	b = binary.AppendUvarint(b, uint64(len(generator)))
	b = append(b, generator...)
	for _, d := range pk.decks() {
		b = binary.AppendUvarint(b, uint64(d.next))
		ranked := slices.Sorted(slices.Values(d.cards))
		for _, card := range d.cards {
			rank, _ := slices.BinarySearch(ranked, card)
			b = binary.AppendUvarint(b, uint64(rank))
		}
	}
	return b, nil
}

// MarshalBinary returns the state of the sampler, as AppendBinary does.
func (pk *PK) MarshalBinary() ([]byte, error) { return pk.AppendBinary(nil) }

// UnmarshalBinary restores a state of a sampler that NewPK made from the same labels,
// images, P, K and seed. Where it returns an error, pk is as before.
func (pk *PK) UnmarshalBinary(state []byte) error {
	rest, found := bytes.CutPrefix(state, []byte(pkState))
	if !found || len(rest) < 8 {
		return errors.New("data: PK sampler: state: not one of this version: start the run anew")
	}
	if binary.LittleEndian.Uint64(rest) != pk.fingerprint() {
		return errors.New("data: PK sampler: state: it belongs to another set, split, batch shape or seed: resume with the run's own settings")
	}
	rest = rest[8:]
	damaged := errors.New("data: PK sampler: state: damaged: take an older checkpoint")

	// A count is below bound, so that it fits an int and its slice.
	count := func(bound int) (int, bool) {
		v, size := binary.Uvarint(rest)
		if size <= 0 || v >= uint64(bound) {
			return 0, false
		}
		rest = rest[size:]
		return int(v), true
	}
	size, ok := count(len(rest))
	if !ok || size > len(rest) {
		return damaged
	}
	source := new(rand.PCG)
	if source.UnmarshalBinary(rest[:size]) != nil {
		return damaged
	}
	rest = rest[size:]
	decks := pk.decks()
	restored := make([]deck, len(decks))
	for n, d := range decks {
		ranked := slices.Sorted(slices.Values(d.cards))
		next, ok := count(len(ranked) + 1)
		if !ok {
			return damaged
		}
		seen := make([]bool, len(ranked))
		restored[n] = deck{cards: make([]int, len(ranked)), next: next}
		for i := range ranked {
			rank, ok := count(len(ranked))
			if !ok || seen[rank] {
				return damaged
			}
			seen[rank] = true
			restored[n].cards[i] = ranked[rank]
		}
	}
	if len(rest) != 0 {
		return damaged
	}
	pk.source = source
	for n, d := range decks {
		*d = restored[n]
	}
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

package data

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// appendDecks appends the state of decks and of the generator that shuffles them: that of the
// generator after its length, then each deck as its cursor and its cards by their rank.
func appendDecks(b []byte, source *rand.PCG, decks []*deck) ([]byte, error) {
	generator, err := source.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("data: sampler: %w", err)
	}
	b = binary.AppendUvarint(b, uint64(len(generator)))
	b = append(b, generator...)
	for _, d := range decks {
		b = binary.AppendUvarint(b, uint64(d.next))
		ranked := slices.Sorted(slices.Values(d.cards))
		for _, card := range d.cards {
			rank, _ := slices.BinarySearch(ranked, card)
			b = binary.AppendUvarint(b, uint64(rank))
		}
	}
	return b, nil
}

// restoreDecks gives decks of the same cards the state that appendDecks wrote, and returns
// the generator. Of a state that is damaged it returns false, and the decks are as before.
func restoreDecks(rest []byte, decks []*deck) (*rand.PCG, bool) {
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
		return nil, false
	}
	source := new(rand.PCG)
	if source.UnmarshalBinary(rest[:size]) != nil {
		return nil, false
	}
	rest = rest[size:]
	restored := make([]deck, len(decks))
	for n, d := range decks {
		ranked := slices.Sorted(slices.Values(d.cards))
		next, ok := count(len(ranked) + 1)
		if !ok {
			return nil, false
		}
		seen := make([]bool, len(ranked))
		restored[n] = deck{cards: make([]int, len(ranked)), next: next}
		for i := range ranked {
			rank, ok := count(len(ranked))
			if !ok || seen[rank] {
				return nil, false
			}
			seen[rank] = true
			restored[n].cards[i] = ranked[rank]
		}
	}
	if len(rest) != 0 {
		return nil, false
	}
	for n, d := range decks {
		*d = restored[n]
	}
	return source, true
}

package data

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func cards(n int) []int {
	c := make([]int, n)
	for i := range c {
		c[i] = i
	}
	return c
}

func TestDeckDealsInRounds(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		size := 1 + draw.IntN(20)
		hands := 1 + draw.IntN(2*size)
		d := newDeck(cards(size))
		var dealt []int
		for range 30 {
			hand := make([]int, hands)
			d.deal(hand, draw)
			dealt = append(dealt, hand...)

			times := make([]int, size)
			for _, card := range hand {
				times[card]++
			}
			if least, most := slices.Min(times), slices.Max(times); most-least > 1 || hands <= size && most > 1 {
				t.Fatalf("%d cards, hand %v", size, hand)
			}
		}
		// Each stretch of a deck's size is one round.
		for round := range slices.Chunk(dealt, size) {
			if len(round) == size && !slices.Equal(slices.Sorted(slices.Values(round)), cards(size)) {
				t.Fatalf("%d cards, hands of %d: round %v", size, hands, round)
			}
		}
	}
}

func TestDeckShufflesEvenly(t *testing.T) {
	// Hands of 2 from 3 cards: each ordered pair is as likely as any other.
	draw := rand.New(rand.NewPCG(3, 4))
	d := newDeck(cards(3))
	times := make(map[[2]int]int)
	const hands = 60000
	for range hands {
		var hand [2]int
		d.deal(hand[:], draw)
		times[hand]++
	}
	for hand, n := range times {
		// 7 standard deviations of a count with probability 1/6, for hands that depend a little.
		if n < hands/6-640 || n > hands/6+640 {
			t.Errorf("hand %v: %d of %d", hand, n, hands)
		}
	}
	if len(times) != 6 {
		t.Errorf("%d hands of 6", len(times))
	}
}

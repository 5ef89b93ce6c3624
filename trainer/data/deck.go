package data

import "math/rand/v2"

// deck deals its cards in rounds: each round is a new shuffle of all, and every card
// comes once a round. A hand of no more cards than the deck has never holds one twice,
// not even where a round ends within it; a larger hand holds each card as often as any
// other, give or take one.
type deck struct {
	cards []int // [0, next) are dealt in this round
	next  int
}

// newDeck takes over cards, whose order matters for what is dealt. The first hand
// shuffles them.
func newDeck(cards []int) deck { return deck{cards: cards, next: len(cards)} }

// deal stores the next len(hand) cards in hand.
func (d *deck) deal(hand []int, draw *rand.Rand) {
	for len(hand) > len(d.cards) {
		d.dealSome(hand[:len(d.cards)], draw)
		hand = hand[len(d.cards):]
	}
	d.dealSome(hand, draw)
}

func (d *deck) dealSome(hand []int, draw *rand.Rand) {
	held := copy(hand, d.cards[d.next:])
	d.next += held
	if held == len(hand) {
		return
	}
	// A new round. Cards of this hand wait, in their order, until the hand is full.
	draw.Shuffle(len(d.cards), func(i, k int) { d.cards[i], d.cards[k] = d.cards[k], d.cards[i] })
	inHand := make(map[int]bool, held)
	for _, card := range hand[:held] {
		inHand[card] = true
	}
	d.next = 0
	for i := 0; held < len(hand); i++ {
		card := d.cards[i]
		if inHand[card] {
			continue
		}
		copy(d.cards[d.next+1:i+1], d.cards[d.next:i])
		d.cards[d.next] = card
		d.next++
		hand[held] = card
		held++
	}
}

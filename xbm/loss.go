package xbm

import (
	"math/rand/v2"

	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
	"crossbatch/xbm/pair"
)

// ParseLoss returns the loss that a text names, as [loss.Parse], with the miner that
// another one names, as [miner.Mine]; "" and "none" are no miner. source is the
// random generator of a miner that draws; it may be nil for the others.
func ParseLoss(lossText, minerText string, source *rand.PCG) (pair.Loss, error) {
	l, err := loss.Parse(lossText)
	if err != nil {
		return nil, err
	}
	return miner.Mine(l, minerText, source)
}

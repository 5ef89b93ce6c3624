package miner_test

import (
	"fmt"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
	"crossbatch/xbm/miner"
)

// Of the pairs and triplets of six rows on a circle, miners leave those that they
// choose.
func ExampleMine() {
	batch := xbm.Batch{
		Embeddings: []float32{1, 0, 0.9, 0.4, 0.7, 0.7, 0, 1, -0.6, 0.8, -1, 0.1},
		Labels:     []int32{0, 0, 1, 1, 0, 1},
	}
	for _, text := range []string{"none", "batch-hard", "triplet-semihard:margin=0.4", "pair-margin:pos_margin=0.9,neg_margin=0.9", "multi-similarity:epsilon=0"} {
		l, err := miner.Mine(&loss.Triplet{Euclidean: true, Margin: 0.4}, text, nil)
		if err != nil {
			panic(err)
		}
		s, err := (&xbm.InBatch{Loss: l}).Add(make([]float32, len(batch.Embeddings)), batch)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-41s value %.3f of %2d positive and %2d negative pairs\n", text, s.Value, s.ActivePositives, s.ActiveNegatives)
	}
	// Output:
	// none                                      value 0.831 of 12 positive and 18 negative pairs
	// batch-hard                                value 1.489 of  6 positive and  6 negative pairs
	// triplet-semihard:margin=0.4               value 0.166 of  6 positive and  7 negative pairs
	// pair-margin:pos_margin=0.9,neg_margin=0.9 value 1.381 of  8 positive and  8 negative pairs
	// multi-similarity:epsilon=0                value 1.008 of 11 positive and 13 negative pairs
}

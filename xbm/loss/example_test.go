package loss_test

import (
	"fmt"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
)

// Four rows at 0, 30, 60 and 90 degrees, two of each class: what some losses make of
// them, and how they pull at the first.
func ExampleParse() {
	batch := xbm.Batch{
		Embeddings: []float32{1, 0, 0.866, 0.5, 0.5, 0.866, 0, 1},
		Labels:     []int32{0, 1, 0, 1},
	}
	for _, text := range []string{"contrastive", "contrastive:neg_margin=0.9", "triplet:margin=0.3", "multi-similarity", "nt-xent:temperature=0.5"} {
		l, err := loss.Parse(text)
		if err != nil {
			panic(err)
		}
		dEmb := make([]float32, len(batch.Embeddings))
		s, err := (&xbm.InBatch{Loss: l}).Add(dEmb, batch)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-27s value %.3f, %d and %d active pairs, gradient of the first row %+.2f\n", text, s.Value, s.ActivePositives, s.ActiveNegatives, dEmb[1])
	}
	_, err := loss.Parse("contrastive:margin=0.9")
	fmt.Println(err)
	// Output:
	// contrastive                 value 0.866, 4 and 6 active pairs, gradient of the first row -0.27
	// contrastive:neg_margin=0.9  value 0.500, 4 and 0 active pairs, gradient of the first row -0.43
	// triplet:margin=0.3          value 0.782, 4 and 6 active pairs, gradient of the first row -0.11
	// multi-similarity            value 0.720, 4 and 8 active pairs, gradient of the first row -0.03
	// nt-xent:temperature=0.5     value 1.439, 4 and 8 active pairs, gradient of the first row -0.30
	// loss "contrastive:margin=0.9": there is no parameter margin: known are distance, pos_margin, neg_margin, reduction
}

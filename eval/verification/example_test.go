package verification_test

import (
	"fmt"

	"crossbatch/eval/verification"
)

// A threshold is chosen on validation classes and judged on others: on those that it was
// chosen by it flatters.
func ExampleTask() {
	validation := verification.Task{Dim: 1, Embeddings: []float32{0, 1, 4, 5.5}, Labels: []int32{0, 0, 1, 1}}
	chosen, err := validation.Score()
	if err != nil {
		fmt.Println(err)
		return
	}
	test := verification.Task{Dim: 1, Embeddings: []float32{0, 1, 2.25, 4.25}, Labels: []int32{2, 2, 3, 3}, Threshold: &chosen.Best.Threshold}
	scores, err := test.Score()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("AUC %.3f\n", scores.AUC)
	fmt.Printf("up to %g: %.0f %% right on validation, %.0f %% on test\n",
		chosen.Best.Threshold, 100*chosen.Best.Accuracy, 100*scores.Given.Accuracy)
	// Output:
	// AUC 0.875
	// up to 1.5: 100 % right on validation, 67 % on test
}

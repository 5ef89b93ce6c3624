package eval_test

import (
	"fmt"

	"crossbatch/eval"
)

// Points on a line, of classes 0 and 1: each is a query among the others. The nearest to
// the points at 0, 1 and 6 are of their class, that to the point at 3 is not.
func ExampleScore() {
	points := []float32{0, 1, 3, 6}
	scores, err := eval.Score(points, 1, []int32{0, 0, 1, 1}, []int{1, 2})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, recall := range scores.Recall {
		fmt.Printf("recall@%d %.0f %%\n", recall.K, 100*recall.Share)
	}
	fmt.Printf("MAP@R %.2f\n", scores.MAPAtR)
	// Output:
	// recall@1 75 %
	// recall@2 75 %
	// MAP@R 0.75
}

// A person by camera 1 is looked for among others' pictures. The nearest is of the same
// person by the same camera, which is left out: it says nothing. What is left to rank is
// another person's picture, and behind it the one that is right.
func ExampleRetrieval_cameras() {
	r := eval.Retrieval{
		Dim: 1, Queries: []float32{0}, QueryLabels: []int32{7}, QueryCameras: []int32{1},
		Gallery: []float32{1, 2, 3}, GalleryLabels: []int32{7, 8, 7}, GalleryCameras: []int32{1, 2, 2},
		Ranks: []int{1, 2}, Full: true,
	}
	scores, err := r.Score()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("CMC@1 %g, CMC@2 %g, MAP %g\n", scores.Recall[0].Share, scores.Recall[1].Share, *scores.MAP)

	r.QueryCameras, r.GalleryCameras = nil, nil
	scores, _ = r.Score()
	fmt.Printf("with its own camera's: CMC@1 %g, MAP %.3f\n", scores.Recall[0].Share, *scores.MAP)
	// Output:
	// CMC@1 0, CMC@2 1, MAP 0.5
	// with its own camera's: CMC@1 1, MAP 0.833
}

// Several labels a row: right is a row that shares one.
func ExampleRetrieval_severalLabels() {
	const beach, dog, city = 0, 1, 2
	r := eval.Retrieval{
		Dim: 1, Queries: []float32{0, 1, 5}, QuerySets: [][]int32{{beach, dog}, {dog}, {city}}, Ranks: []int{1},
	}
	scores, err := r.Score()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("recall@1 %g of %d queries; %d has nothing to find\n", scores.Recall[0].Share, scores.Queries, scores.Skipped)
	// Output: recall@1 1 of 2 queries; 1 has nothing to find
}

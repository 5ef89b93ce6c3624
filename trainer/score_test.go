package trainer

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/trainer/data"
)

// A set's own ranks are reported, and its queries compared with its gallery alone.
func TestScoreFollowsTheSet(t *testing.T) {
	set := bars()
	set.Ranks = []int{1, 10, 100}
	official := &data.Official{}
	for i := range set.Len() {
		switch {
		case set.Labels[i] < 16:
			official.Train = append(official.Train, i)
			continue
		case i%3 == 0:
			official.Query = append(official.Query, i)
		default:
			official.Gallery = append(official.Gallery, i)
		}
		official.Test = append(official.Test, i)
	}
	set.Official = official
	r, net := barsRun(t)
	r.Set = set
	var err error
	if r.Split, err = r.Config.Parts(set); err != nil {
		t.Fatal(err)
	}
	if len(r.Split.Test) != 64 || len(r.Split.Query) != len(official.Query) {
		t.Fatalf("%d test images, %d queries", len(r.Split.Test), len(r.Split.Query))
	}
	result := train(t, r)
	if len(result.TestEmb) != 64*8 || len(result.TestIndex) != 64 {
		t.Errorf("embeddings of %d numbers", len(result.TestEmb))
	}
	embedded := func(index []int) ([]float32, []int32) {
		emb, err := embed(net, set, index)
		if err != nil {
			t.Fatal(err)
		}
		return emb, labelsOf(set, index)
	}
	want := eval.Retrieval{Dim: 8, Ranks: set.Ranks}
	want.Queries, want.QueryLabels = embedded(official.Query)
	want.Gallery, want.GalleryLabels = embedded(official.Gallery)
	scores, err := want.Score()
	if err != nil || !reflect.DeepEqual(scores, result.Test) {
		t.Errorf("scores %+v, want %+v (%v)", result.Test, scores, err)
	}
	if result.Test.Queries != len(official.Query) || !slices.EqualFunc(result.Validation.Recall, set.Ranks, func(r eval.RecallAt, k int) bool { return r.K == k }) {
		t.Errorf("%d queries, validation %+v", result.Test.Queries, result.Validation.Recall)
	}
}

func TestASplitWithACommonClassDoesNotTrain(t *testing.T) {
	r, _ := barsRun(t)
	r.Split.Test = append(r.Split.Test, r.Split.Train[0])
	slices.Sort(r.Split.Test)
	if _, err := Prepare(r); err == nil || !strings.Contains(err.Error(), "no class in common") {
		t.Errorf("%v", err)
	}
}

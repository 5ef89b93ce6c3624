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
		return emb, picked(set.Labels, index)
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

// A set with cameras is scored across them, without its junk, and its distractors match
// nothing.
func TestCamerasJunkAndDistractors(t *testing.T) {
	set := &data.Set{
		Labels: []int32{0, 0, 0, 1, 1, 2, 2, 2}, ClassNames: []string{"7", "8", "0000"},
		Cameras: []int32{0, 0, 1, 0, 1, 2, 3, 3}, Junk: []bool{4: true, 7: false}, Distractors: []bool{5: true, 6: true, 7: true},
	}
	index, query, gallery := []int{0, 1, 2, 3, 4, 5, 6, 7}, []int{0, 3}, []int{1, 2, 4, 5, 6, 7}
	r := Retrieval(set, index, query, gallery, []float32{0, 1, 2, 3, 4, 5, 6, 7}, 1)
	r.Full = true
	s, err := r.Score()
	// Image 0 finds image 2, its first once 1 is left out. Image 3 has junk alone.
	if err != nil || s.Queries != 1 || s.Skipped != 1 || s.Junk != 1 || s.Recall[0] != (eval.RecallAt{K: 1, Share: 1}) || s.Recall[3].K != 20 || *s.MAP != 1 {
		t.Errorf("%+v: %v", s, err)
	}
	matches, err := Retrieval(set, index, nil, nil, nil, 0).Relevant()
	if want := []int{1, 1, 2, 0, 0, 0, 0, 0}; err != nil || !slices.Equal(matches, want) {
		t.Errorf("%v, want %v: %v", matches, want, err)
	}
	task := Verification(set, index, []float32{0, 1, 2, 3, 4, 5, 6, 7}, 1)
	v, err := task.Score()
	if err != nil || v.Positives != 3 || v.Negatives != 7*6/2-3 || !slices.Equal(task.Embeddings, []float32{0, 1, 2, 3, 5, 6, 7}) {
		t.Errorf("%+v: %v", v, err)
	}
}

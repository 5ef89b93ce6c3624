package trainer

import (
	"context"
	"slices"

	"crossbatch/eval"
	"crossbatch/eval/verification"
	"crossbatch/trainer/data"
)

// Ranks are those that recall is reported at: the set's own, or the usual.
func Ranks(set *data.Set) []int {
	switch {
	case set.Ranks != nil:
		return set.Ranks
	case set.Cameras != nil:
		return []int{1, 5, 10, 20}
	}
	return []int{1, 2, 4, 8}
}

// score embeds the images of set at index and takes their leave-one-out retrieval scores.
func score(ctx context.Context, e Encoder, set *data.Set, index []int) (eval.Scores, []float32, error) {
	return scorePart(ctx, e, set, index, nil, nil)
}

// scorePart is score, but that with a query part of the index the queries are compared with
// the gallery alone. The embeddings are those of the index.
func scorePart(ctx context.Context, e Encoder, set *data.Set, index, query, gallery []int) (eval.Scores, []float32, error) {
	emb, err := Embed(ctx, e, set, index, nil)
	if err != nil {
		return eval.Scores{}, nil, err
	}
	s, err := Await(ctx, Retrieval(set, index, query, gallery, emb, e.Dim()).Score)
	return s, emb, err
}

// Retrieval is what embeddings (len(index)×dim) of the images of set at index are scored by:
// each is a query among all the others or, where there are images of query, those among the
// ones of gallery, both being parts of the index, which is ascending. Recall is at the ranks
// that the field reports for the set. Of a set with cameras, images of a query's class by its
// own camera are left out of its ranking, junk is left out of all, and distractors match nothing.
// Without embeddings it only says what is relevant.
func Retrieval(set *data.Set, index, query, gallery []int, emb []float32, dim int) eval.Retrieval {
	r := eval.Retrieval{Dim: dim, Ranks: Ranks(set)}
	if len(query) == 0 {
		r.Queries, r.QueryLabels = emb, identities(set, index)
		r.QueryCameras, r.Junk = picked(set.Cameras, index), picked(set.Junk, index)
		return r
	}
	r.QueryLabels, r.GalleryLabels = identities(set, query), identities(set, gallery)
	r.QueryCameras, r.GalleryCameras, r.Junk = picked(set.Cameras, query), picked(set.Cameras, gallery), picked(set.Junk, gallery)
	if emb != nil {
		r.Queries, r.Gallery = rows(emb, dim, index, query), rows(emb, dim, index, gallery)
	}
	return r
}

// Verification is the telling apart of all pairs of images of set at index by their
// embeddings (len(index)×dim). Junk is in no pair, and a distractor is of nobody's class.
func Verification(set *data.Set, index []int, emb []float32, dim int) verification.Task {
	t := verification.Task{Dim: dim, Embeddings: emb}
	labels := identities(set, index)
	if !slices.ContainsFunc(index, set.IsJunk) {
		t.Labels = labels
		return t
	}
	t.Embeddings = nil
	for k, i := range index {
		if !set.IsJunk(i) {
			t.Embeddings, t.Labels = append(t.Embeddings, emb[k*dim:(k+1)*dim]...), append(t.Labels, labels[k])
		}
	}
	return t
}

// identities are the labels of some images, but that each distractor has its own.
func identities(set *data.Set, index []int) []int32 {
	labels := picked(set.Labels, index)
	for k, i := range index {
		if set.IsDistractor(i) {
			labels[k] = -1 - int32(k)
		}
	}
	return labels
}

// picked are the values at index; nil where there are none.
func picked[T any](values []T, index []int) []T {
	if values == nil {
		return nil
	}
	some := make([]T, len(index))
	for k, i := range index {
		some[k] = values[i]
	}
	return some
}

// rows are those of emb that are of a part of its index, which is ascending.
func rows(emb []float32, dim int, index, part []int) []float32 {
	some := make([]float32, 0, len(part)*dim)
	for _, i := range part {
		k, _ := slices.BinarySearch(index, i)
		some = append(some, emb[k*dim:(k+1)*dim]...)
	}
	return some
}

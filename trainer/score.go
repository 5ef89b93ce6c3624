package trainer

import (
	"context"
	"slices"

	"crossbatch/eval"
	"crossbatch/eval/verification"
	"crossbatch/trainer/data"
)

// Ranks returns the k of recall@k that are reported for set: its own; else 1, 5, 10, 20 for a
// set with cameras, and 1, 2, 4, 8 for others.
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

// Retrieval returns the retrieval task over the images of set at index, by their embeddings
// emb (len(index) × dim), with recall@k at the k of [Ranks]. With an empty query, each image
// is a query and all the others are its references. Otherwise the images of query are the
// queries, and the images of gallery the references; both are parts of index, and index is
// ascending. In a set with cameras, references of the query's class and camera are left out.
// Junk images are left out of every ranking, and distractors match nothing. With a nil emb the
// task has only the labels.
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

// Verification returns the verification task over all pairs of the images of set at index: is
// a pair of one class or not, by the embeddings emb (len(index) × dim). Junk images are in no
// pair. A distractor has no class in common with any image.
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

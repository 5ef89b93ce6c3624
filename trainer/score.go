package trainer

import (
	"slices"

	"crossbatch/eval"
	"crossbatch/trainer/data"
)

// Ranks are those that recall is reported at: the set's own, or the usual.
func Ranks(set *data.Set) []int {
	if set.Ranks != nil {
		return set.Ranks
	}
	return []int{1, 2, 4, 8}
}

// score embeds the images of set at index and takes their leave-one-out retrieval scores.
func score(e Encoder, set *data.Set, index []int) (eval.Scores, []float32, error) {
	return scorePart(e, set, index, nil, nil)
}

// scorePart is score, but that with a query part of the index the queries are compared with
// the gallery alone. The embeddings are those of the index.
func scorePart(e Encoder, set *data.Set, index, query, gallery []int) (eval.Scores, []float32, error) {
	emb, err := embed(e, set, index)
	if err != nil {
		return eval.Scores{}, nil, err
	}
	s, err := Retrieval(set, index, query, gallery, emb, e.Dim()).Score()
	return s, emb, err
}

// Retrieval is what embeddings (len(index)×dim) of the images of set at index are scored by:
// each is a query among all the others or, where there are images of query, those among the
// ones of gallery, both being parts of the index, which is ascending. Recall is at the ranks
// that the field reports for the set. Without embeddings it only says what is relevant.
func Retrieval(set *data.Set, index, query, gallery []int, emb []float32, dim int) eval.Retrieval {
	r := eval.Retrieval{Dim: dim, Ranks: Ranks(set)}
	if len(query) == 0 {
		r.Queries, r.QueryLabels = emb, labelsOf(set, index)
		return r
	}
	r.QueryLabels, r.GalleryLabels = labelsOf(set, query), labelsOf(set, gallery)
	if emb != nil {
		r.Queries, r.Gallery = rows(emb, dim, index, query), rows(emb, dim, index, gallery)
	}
	return r
}

func labelsOf(set *data.Set, index []int) []int32 {
	labels := make([]int32, len(index))
	for k, i := range index {
		labels[k] = set.Labels[i]
	}
	return labels
}

// rows are those of emb that are of a part of its index, which is ascending.
func rows(emb []float32, dim int, index, part []int) []float32 {
	picked := make([]float32, 0, len(part)*dim)
	for _, i := range part {
		k, _ := slices.BinarySearch(index, i)
		picked = append(picked, emb[k*dim:(k+1)*dim]...)
	}
	return picked
}

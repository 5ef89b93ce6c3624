package eval

import "slices"

// relevance says which rows are right for a query, and which are left out of its
// ranking, being neither right nor wrong.
type relevance struct {
	r      Retrieval
	labels []int32 // of what the queries are compared with
	// The rows of each label, junk left out, and those of each label and camera.
	rows  map[int32][]int32
	taken map[seen][]int32
	junk  []int32 // ascending

	sets *labelSets // where rows have several labels
}

// seen is a class before a camera.
type seen struct{ label, camera int32 }

func (r Retrieval) relevance() *relevance {
	_, labels, cameras, _ := r.gallery()
	v := &relevance{r: r, labels: labels, rows: map[int32][]int32{}}
	for i, is := range r.Junk {
		if is {
			v.junk = append(v.junk, int32(i))
		}
	}
	if r.several() {
		v.sets = newLabelSets(r, v.isJunk)
		return v
	}
	for i, l := range labels {
		if !v.isJunk(i) {
			v.rows[l] = append(v.rows[l], int32(i))
		}
	}
	if r.QueryCameras == nil {
		return v
	}
	v.taken = map[seen][]int32{}
	for i, camera := range cameras {
		if camera >= 0 && !v.isJunk(i) {
			key := seen{labels[i], camera}
			v.taken[key] = append(v.taken[key], int32(i))
		}
	}
	return v
}

func (v *relevance) isJunk(row int) bool { return v.r.Junk != nil && v.r.Junk[row] }

// isQuery tells whether row q asks: junk among the queries does not.
func (v *relevance) isQuery(q int) bool { return !v.r.alone() || !v.isJunk(q) }

// match tells whether a row that is not left out is right for query q.
func (v *relevance) match(q int, row int32) bool {
	if v.sets != nil {
		return v.sets.share(q, row)
	}
	return v.labels[row] == v.r.QueryLabels[q]
}

// left are the rows, ascending, that query q is not compared with although they are
// no junk: those of its class by its own camera.
func (v *relevance) left(q int) []int32 {
	if v.taken == nil || v.r.QueryCameras[q] < 0 {
		return nil
	}
	return v.taken[seen{v.r.QueryLabels[q], v.r.QueryCameras[q]}]
}

// count is R: how many rows are right for query q.
func (v *relevance) count(q int) int {
	if !v.isQuery(q) {
		return 0
	}
	if v.sets != nil {
		return v.sets.count(q)
	}
	n := len(v.rows[v.r.QueryLabels[q]])
	left := v.left(q)
	if n -= len(left); v.r.alone() && left == nil {
		n-- // the query itself
	}
	return n
}

// right lists the rows that are right for query q, ascending; itself may be among
// them.
func (v *relevance) right(q int) []int32 {
	switch {
	case !v.isQuery(q):
		return nil
	case v.sets != nil:
		return v.sets.right(q)
	}
	rows, left := v.rows[v.r.QueryLabels[q]], v.left(q)
	if left == nil {
		return rows
	}
	some := make([]int32, 0, len(rows)-len(left))
	for _, row := range rows {
		if _, is := slices.BinarySearch(left, row); !is {
			some = append(some, row)
		}
	}
	return some
}

// Relevant returns for each query how many rows are right for it: R. It needs no
// embeddings, only labels and what goes with them.
func (r Retrieval) Relevant() ([]int, error) {
	if err := r.checkLabels(); err != nil {
		return nil, err
	}
	v := r.relevance()
	counts := make([]int, r.queries())
	for q := range counts {
		counts[q] = v.count(q)
	}
	return counts, nil
}

package eval

import "slices"

// labelSets finds the rows that share a label with a query.
type labelSets struct {
	queries, gallery [][]int32
	rows             map[int32][]int32 // of each label, ascending
	alone            bool
}

func newLabelSets(r Retrieval, isJunk func(row int) bool) *labelSets {
	s := &labelSets{queries: r.QuerySets, rows: map[int32][]int32{}, alone: r.alone()}
	_, _, _, s.gallery = r.gallery()
	for i, labels := range s.gallery {
		if isJunk(i) {
			continue
		}
		for k, l := range labels {
			if !slices.Contains(labels[:k], l) {
				s.rows[l] = append(s.rows[l], int32(i))
			}
		}
	}
	return s
}

// share tells whether a query and a row have a label in common.
func (s *labelSets) share(q int, row int32) bool {
	return slices.ContainsFunc(s.queries[q], func(l int32) bool { return slices.Contains(s.gallery[row], l) })
}

// right are the rows that share a label with query q, ascending, itself among them
// where it is one.
func (s *labelSets) right(q int) []int32 {
	if len(s.queries[q]) == 1 {
		return s.rows[s.queries[q][0]]
	}
	var all []int32
	for _, l := range s.queries[q] {
		all = append(all, s.rows[l]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (s *labelSets) count(q int) int {
	n := len(s.right(q))
	if s.alone && len(s.queries[q]) > 0 {
		n--
	}
	return n
}

package eval

// queryScore is what one query's neighbours say.
type queryScore struct {
	precision float64 // Σ P(i)·rel(i) for the ranks up to R
	whole     float64 // the same for all ranks that were looked at
	trapezoid float64 // the same, P(i) being its mean over the step to rank i
	query     int32   // its place
	others    int32   // R
	hits      int32   // of its class among the first R
	first     int32   // rank of the first of its class, 0 for none
}

// rank goes through the neighbours of a query.
func (s *queryScore) rank(match func(row int32) bool, nearest []int32) {
	found := int32(0)
	for i, other := range nearest {
		if !match(other) {
			continue
		}
		found++
		s.add(found, int32(i+1))
		if found == s.others {
			return
		}
	}
}

// atRanks takes the ranks of all that is right for a query, ascending.
func (s *queryScore) atRanks(ranks []int32) {
	for i, rank := range ranks {
		s.add(int32(i+1), rank)
	}
}

// add takes the next that is right, the nth, at a rank.
func (s *queryScore) add(n, rank int32) {
	if s.first == 0 {
		s.first = rank
	}
	now, before := float64(n)/float64(rank), 1.0
	if rank > 1 {
		before = float64(n-1) / float64(rank-1)
	}
	s.whole += now
	s.trapezoid += (before + now) / 2
	if rank <= s.others {
		s.hits++
		s.precision = s.whole
	}
}

// means averages over the queries, or over those at places.
func (r Retrieval) means(queries []queryScore, places []int) Means {
	m := Means{Recall: newRecall(r.Ranks)}
	var whole, reciprocal, trapezoid float64
	add := func(q *queryScore) {
		of := float64(q.others)
		m.RPrecision += float64(q.hits) / of
		m.MAPAtR += q.precision / of
		whole += q.whole / of
		trapezoid += q.trapezoid / of
		if q.first == 0 {
			return
		}
		reciprocal += 1 / float64(q.first)
		for i := range m.Recall {
			if int(q.first) <= m.Recall[i].K {
				m.Recall[i].Share++
			}
		}
	}
	if places == nil {
		for i := range queries {
			add(&queries[i])
		}
	}
	for _, i := range places {
		add(&queries[i])
	}
	n := float64(len(queries))
	if places != nil {
		n = float64(len(places))
	}
	m.RPrecision /= n
	m.MAPAtR /= n
	for i := range m.Recall {
		m.Recall[i].Share /= n
	}
	if r.Full {
		whole, reciprocal = whole/n, reciprocal/n
		m.MAP, m.MRR = &whole, &reciprocal
		if trapezoid /= n; r.QueryCameras != nil {
			m.MAPTrapezoidal = &trapezoid
		}
	}
	return m
}

// numbers are all the means, in one order.
func (m *Means) numbers() []*float64 {
	all := []*float64{&m.RPrecision, &m.MAPAtR}
	for k := range m.Recall {
		all = append(all, &m.Recall[k].Share)
	}
	for _, x := range []*float64{m.MAP, m.MRR, m.MAPTrapezoidal} {
		if x != nil {
			all = append(all, x)
		}
	}
	return all
}

// classMeans are the means over the classes of those over their queries: small
// classes count as much as large ones.
func (r Retrieval) classMeans(queries []queryScore) *Means {
	places, order := map[int32][]int{}, []int32{}
	for i, q := range queries {
		labels := []int32{0}
		if r.several() {
			labels = r.QuerySets[q.query]
		} else {
			labels[0] = r.QueryLabels[q.query]
		}
		for _, l := range labels {
			if places[l] == nil {
				order = append(order, l)
			}
			places[l] = append(places[l], i)
		}
	}
	var sum Means
	for i, l := range order {
		m := r.means(queries, places[l])
		if i == 0 {
			sum = m
			continue
		}
		for k, x := range m.numbers() {
			*sum.numbers()[k] += *x
		}
	}
	for _, x := range sum.numbers() {
		*x /= float64(len(order))
	}
	return &sum
}

package eval

// queryScore is what one query's neighbours say.
type queryScore struct {
	precision float64 // Σ P(i)·rel(i) for the ranks up to R
	whole     float64 // the same for all ranks that were looked at
	query     int32   // its place
	others    int32   // R
	hits      int32   // of its class among the first R
	first     int32   // rank of the first of its class, 0 for none
}

// rank goes through the neighbours of a query.
func (s *queryScore) rank(labels []int32, label int32, nearest []int32) {
	found := int32(0)
	for i, other := range nearest {
		if labels[other] != label {
			continue
		}
		if s.first == 0 {
			s.first = int32(i + 1)
		}
		found++
		s.whole += float64(found) / float64(i+1)
		if i < int(s.others) {
			s.hits++
			s.precision = s.whole
		}
		if found == s.others {
			return
		}
	}
}

// atRanks takes the ranks of all of a query's class, ascending.
func (s *queryScore) atRanks(ranks []int32) {
	for i, rank := range ranks {
		if s.first == 0 {
			s.first = rank
		}
		s.whole += float64(i+1) / float64(rank)
		if rank <= s.others {
			s.hits++
			s.precision = s.whole
		}
	}
}

// means averages over the queries, or over those at places.
func (r Retrieval) means(queries []queryScore, places []int) Means {
	m := Means{Recall: newRecall(r.Ranks)}
	var whole, reciprocal float64
	add := func(q *queryScore) {
		of := float64(q.others)
		m.RPrecision += float64(q.hits) / of
		m.MAPAtR += q.precision / of
		whole += q.whole / of
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
	m.RPrecision /= n
	m.MAPAtR /= n
	for i := range m.Recall {
		m.Recall[i].Share /= n
	}
	if r.Full {
		whole, reciprocal = whole/n, reciprocal/n
		m.MAP, m.MRR = &whole, &reciprocal
	}
	return m
}

package serve

import "crossbatch/eval/report/space"

// layOut lays the rows out, some evenly spaced ones where there are more than the
// map may have.
func (s *Server) layOut() (space.Map, error) {
	x, most := s.config.Index, int64(s.config.MapRows)
	var m space.Map
	var rows []float32
	room, kinds := make([]float32, x.Encoder().Dim), map[string]int32{}
	seen, all := int64(0), int64(x.Len())
	for row := range x.Rows() {
		if !x.Has(row) {
			continue
		}
		seen++
		if all > most && seen*most/all == (seen-1)*most/all {
			continue
		}
		item, err := x.Item(row)
		if err != nil {
			return m, err
		}
		if err := x.Embedding(room, row); err != nil {
			return m, err
		}
		m.Add(row, item.Name, item.Group, kinds)
		rows = append(rows, room...)
	}
	return m, m.LayOut(rows, len(room), 1)
}

package space

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
)

func TestMapHasAllRowsAndTheirNearest(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 5, 60} {
		const dim = 7
		m, kinds := Map{}, map[string]int32{}
		rows := make([]float32, n*dim)
		for i := range rows {
			rows[i] = float32(rng.NormFloat64())
		}
		for i := range n {
			m.Add(10*i, "name", string(rune('a'+i%3)), kinds)
		}
		if err := m.LayOut(rows, dim, 1); err != nil {
			t.Fatal(n, err)
		}
		if len(m.Near) != n*m.Each || len(m.Kinds) != min(3, n) || len(m.Layout) != 1+min(1, n/2) {
			t.Errorf("%d rows: %d near, %d each, kinds %v, %d layouts", n, len(m.Near), m.Each, m.Kinds, len(m.Layout))
		}
		for _, l := range m.Layout {
			if len(l.Places) != 2*n {
				t.Errorf("%d rows: %s has %d places", n, l.Name, len(l.Places))
			}
		}
		if _, err := json.Marshal(m); err != nil {
			t.Error(err)
		}
	}
}

//go:build nvidia

package cuda_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"crossbatch/eval"
	"crossbatch/xbm/device"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/kernel"
)

// A search with the device is the search without, to the last tie.
func TestSearchIsTheProcessors(t *testing.T) {
	d, err := device.Config{Name: "cuda:0:debug"}.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	rng := rand.New(rand.NewPCG(7, 1))
	for _, c := range []struct{ rows, queries, dim, k int }{{1000, 70, 24, 10}, {1000, 5, 24, 1}, {300, 3, 40, 300 - 9}, {9, 2, 3, 5}, {700, 65, 5, 100}} {
		g := eval.Gallery{Dim: c.dim, Rows: twin.Gauss(rng, c.rows*c.dim), HalfSquares: make([]float32, c.rows)}
		for i := range c.rows / 4 { // ties, and near ones
			copy(g.Rows[(4*i+1)*c.dim:(4*i+2)*c.dim], g.Rows[4*i*c.dim:])
			copy(g.Rows[(4*i+2)*c.dim:(4*i+3)*c.dim], g.Rows[4*i*c.dim:])
			g.Rows[(4*i+2)*c.dim] *= 1 + 1e-6
		}
		g.Longest = eval.HalfSquares(g.HalfSquares, g.Rows, c.dim)
		for i := 3; i < c.rows; i += 40 {
			g.HalfSquares[i] = float32(math.Inf(-1))
		}
		queries := twin.Gauss(rng, c.queries*c.dim)
		copy(queries, g.Rows[:c.dim])
		search := func(g eval.Gallery) string {
			all := make([][]int32, c.queries)
			if err := g.Search(queries, c.k, func(q int, nearest []int32) { all[q] = slices.Clone(nearest) }); err != nil {
				t.Fatal(err)
			}
			return fmt.Sprint(all)
		}
		halved := eval.Gallery{Dim: c.dim, Half: make([]uint16, len(g.Rows)), HalfSquares: slices.Clone(g.HalfSquares)}
		rounded := make([]float32, len(g.Rows))
		kernel.ToHalf(halved.Half, g.Rows)
		kernel.FromHalf(rounded, halved.Half)
		halved.Longest = eval.HalfSquares(halved.HalfSquares, rounded, c.dim)
		for name, g := range map[string]eval.Gallery{"float32": g, "binary16": halved} {
			on := g
			counted := &counting{Search: d.Search()}
			on.Device = counted
			if got, want := search(on), search(g); got != want {
				t.Errorf("%+v, %s: the device's search differs:\n%.300s\n%.300s", c, name, got, want)
			}
			if counted.taken != 1 {
				t.Errorf("%+v, %s: taken %d times", c, name, counted.taken)
			}
			if most := 8*c.k + 300; counted.candidates > most {
				t.Errorf("%+v, %s: %d candidates of a query", c, name, counted.candidates)
			}
		}
	}
}

// counting counts what a device does.
type counting struct {
	*device.Search
	taken, candidates int
}

func (c *counting) Candidates(g eval.Gallery, queries []float32, k int, found func(int, []int32)) bool {
	lists := make([][]int32, len(queries)/g.Dim)
	taken := c.Search.Candidates(g, queries, k, func(q int, rows []int32) { lists[q] = rows })
	if !taken {
		return false
	}
	c.taken++
	for q, rows := range lists {
		c.candidates = max(c.candidates, len(rows))
		found(q, rows)
	}
	return true
}

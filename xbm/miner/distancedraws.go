package miner

import (
	"math"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/logsum"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// tileWeight is what the weights of one anchor's negatives in a piece of a tile add up to.
// Where the pieces of all draws are known by that, their similarities are taken once more,
// and those of no other piece.
type tileWeight struct {
	first, cols int32
	sum         logsum.Sum
}

// pieceColumns are the columns of a piece.
const pieceColumns = 96

// IsFew implements [pair.FastMiner].
func (m *DistanceWeighted) IsFew() bool { return true }

// Few implements [pair.FastMiner].
func (m *DistanceWeighted) Few(anchor int, visit func(column int, sim float32)) {
	a := &m.anchors[anchor]
	for k, j := range a.cols {
		if k == 0 || j != a.cols[k-1] {
			visit(int(j), a.sims[k])
		}
	}
}

// BeginParts implements [pair.FastMiner].
func (m *DistanceWeighted) BeginParts(parts int) {
	if n := parts * len(m.anchors); len(m.parts) != n {
		m.parts = make([][]tileWeight, n)
		pieces := m.problem.Columns.Held()/(parts*pieceColumns) + 8 // and the last tiles'
		for k := range m.parts {
			m.parts[k] = make([]tileWeight, 0, pieces)
		}
	}
}

// Bound implements [pair.Bounded]: the draws need no pass.
func (m *DistanceWeighted) Bound(_, pass, _ int) float32 {
	if pass == 1 {
		return float32(math.Inf(1))
	}
	return m.weights.least
}

// FoldPart implements [pair.FastMiner].
func (m *DistanceWeighted) FoldPart(part, _ int, r *pair.Row) {
	places := r.Places[:kernel.FindAbove(r.Places, r.Neg, m.weights.least)]
	tiles := &m.parts[part*len(m.anchors)+r.Anchor]
	var logs [pieceColumns]float64
	for len(places) > 0 {
		first := places[0] / pieceColumns * pieceColumns
		n, top := 0, math.Inf(-1)
		for n < len(places) && places[n] < first+pieceColumns {
			c := places[n]
			logs[n] = m.weights.at(m, r, int(c), r.Neg[c])
			top = max(top, logs[n])
			n++
		}
		places = places[n:]
		if math.IsInf(top, -1) {
			continue
		}
		x := r.Scratch[:n]
		for k := range x {
			x[k] = float32(logs[k] - top)
		}
		*tiles = append(*tiles, tileWeight{
			first: int32(r.First) + first, cols: min(pieceColumns, int32(len(r.Neg))-first),
			sum: logsum.Sum{Top: top, Terms: float64(kernel.Exp(x, x, 0, 1))},
		})
	}
}

// EndParts implements [pair.FastMiner].
func (m *DistanceWeighted) EndParts(pass int) {
	n := len(m.anchors)
	if pass == 0 {
		for k, tiles := range m.parts {
			for _, t := range tiles {
				m.anchors[k%n].sum.Join(t.sum)
			}
		}
		return
	}
	kernel.Parallel(n, func(i int) {
		var r tileRoom
		for k := i; k < len(m.parts); k += n {
			for _, t := range m.parts[k] {
				m.drawTile(&r, i, t)
			}
			m.parts[k] = m.parts[k][:0]
		}
	})
}

// tileRoom is room for a tile.
type tileRoom struct{ wide, sims []float32 }

// drawTile takes the draws that fall to a tile.
func (m *DistanceWeighted) drawTile(space *tileRoom, anchor int, t tileWeight) {
	a, p := &m.anchors[anchor], m.problem
	before := a.passed
	after := before + logsum.Share(t.sum.Value(), a.sum.Value())
	if k := len(a.cols); k == len(a.shares) || a.shares[k] > after {
		a.passed = after
		return
	}
	first, cols := int(t.first), int(t.cols)
	space.sims = room.Sized(space.sims, cols)
	columns := kernel.Mat{Data: p.Columns.At(&space.wide, p.Dim, first, cols), Stride: p.Dim, Trans: true}
	kernel.GemmSerial(1, cols, p.Dim, 1, kernel.Mat{Data: p.Anchors.Rows[anchor*p.Dim:], Stride: p.Dim}, columns, 0,
		kernel.Mat{Data: space.sims, Stride: cols})
	r := pair.Row{Problem: p, Anchor: anchor, First: first}
	last := -1
	for c, s := range space.sims {
		if p.Columns.Labels[first+c] == p.Anchors.Labels[anchor] {
			continue
		}
		if x, within := m.logWeight(r.Distance(c, s)); within {
			a.passed += math.Exp(x - a.sum.Value())
			a.draw(first+c, s)
			last = c
		}
	}
	a.passed = after // but for rounding
	if last >= 0 {
		a.draw(first+last, space.sims[last])
	}
}

// distanceWeights are the logarithms of weights as a table over similarities: a
// polynomial about the middle of each of many intervals. Its error is under 1e-7 for
// rows of up to some thousand numbers.
type distanceWeights struct {
	least     float32 // similarity that pairs within FarCutoff are above
	from      float64 // similarity that the table starts with
	scale     float64 // intervals in a similarity of 1
	most      float64 // logarithm of the weight at Cutoff
	nearest   float64 // similarity of Cutoff
	intervals [][5]float64
}

// tableIntervals is the number of intervals.
const tableIntervals = 256

// set takes the parameters of m.
func (w *distanceWeights) set(m *DistanceWeighted) {
	w.least = apart.LastWithout(func(s float32) bool { return apart.BySim(true, s) < m.FarCutoff })
	w.nearest = 1 - m.Cutoff*m.Cutoff/2
	w.most, _ = m.logWeight(m.Cutoff)
	w.from = 1 - m.FarCutoff*m.FarCutoff/2
	w.intervals = w.intervals[:0]
	if m.Cutoff >= m.FarCutoff || m.Cutoff < 0.3 || m.FarCutoff > 1.9 {
		return // too steep
	}
	w.scale = tableIntervals / (w.nearest - w.from)
	n := float64(m.dim)
	for k := range tableIntervals {
		s := w.from + (float64(k)+0.5)/w.scale
		x, y := 1-s, 1+s
		a, b := (2-n)/2, (3-n)/2 // a·log(2x) + b·log(y/2), and its derivatives over their factorials
		w.intervals = append(w.intervals, [5]float64{
			a*math.Log(2*x) + b*math.Log(y/2),
			-a/x + b/y,
			-a/(x*x)/2 - b/(y*y)/2,
			-a/(x*x*x)/3 + b/(y*y*y)/3,
			-a/(x*x*x*x)/4 - b/(y*y*y*y)/4,
		})
	}
}

// at is the logarithm of the weight of the negative at place c, whose similarity s is
// above least.
func (w *distanceWeights) at(m *DistanceWeighted, r *pair.Row, c int, s float32) float64 {
	if len(w.intervals) == 0 {
		if x, within := m.logWeight(r.Distance(c, s)); within {
			return x
		}
		return math.Inf(-1)
	}
	t := float64(s)
	if t >= w.nearest {
		return w.most
	}
	t = (t - w.from) * w.scale
	k := min(max(0, int(t)), tableIntervals-1)
	t = (t - float64(k) - 0.5) / w.scale
	p := &w.intervals[k]
	return p[0] + t*(p[1]+t*(p[2]+t*(p[3]+t*p[4])))
}

package loss

import (
	"math"
	"sync"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// binning says where similarities fall: s at scale·s+shift, counted in bins.
type binning struct {
	scale, shift float64
	bins         int
}

func (b binning) place(s float32) float64 { return float64(float64(s)*b.scale) + b.shift }

// edge is the edge before a similarity, with the part that falls to the one after.
func (b binning) edge(s float32) (at int, part float64) {
	place := b.place(s)
	at = min(b.bins-1, max(0, int(math.Floor(place))))
	return at, min(1, max(0, place-float64(at)))
}

// histogramPair is a histogram of an anchor's positives, and one of its
// negatives, by edges.
type histogramPair struct {
	pos, neg          []float64
	nPos, nNeg        int
	firstPos, lastPos int // edges next to a positive

	// Negatives folded by parts: cells of bins, whose sums are whole numbers, so that
	// their order makes no difference.
	guard     sync.Mutex
	cells     []binCell
	isCounted bool // nNeg
	table     []float32
}

// binCell is what lies in a bin: so many, and how far into it, in parts of kernel.BinUnit.
type binCell struct{ count, parts uint64 }

func histogramPairs(s []histogramPair, n, edges int) []histogramPair {
	s = room.Sized(s, n)
	for i := range s {
		h := &s[i]
		h.pos, h.neg, h.table = room.Zeroed(h.pos, edges), room.Zeroed(h.neg, edges), h.table[:0]
		h.nPos, h.nNeg, h.firstPos, h.lastPos = 0, 0, edges, -1
	}
	return s
}

// fold takes in a row.
func (h *histogramPair) fold(r *pair.Row, b binning) {
	for _, p := range r.Pos {
		at, part := b.edge(p.Sim)
		h.pos[at] += 1 - part
		h.pos[at+1] += part
		h.firstPos, h.lastPos = min(h.firstPos, at), max(h.lastPos, at+1)
	}
	h.nPos += len(r.Pos)
	for _, s := range r.Neg {
		if s > pair.NoPair {
			at, part := b.edge(s)
			h.neg[at] += 1 - part
			h.neg[at+1] += part
			h.nNeg++
		}
	}
}

// weigh turns slopes by histograms into weights.
func (h *histogramPair) weigh(w []float32, r *pair.Row, b binning) {
	for _, p := range r.Pos {
		at, _ := b.edge(p.Sim)
		w[p.Col] = float32((h.pos[at+1] - h.pos[at]) * b.scale)
	}
	for c, s := range r.Neg {
		if s > pair.NoPair {
			at, _ := b.edge(s)
			w[c] = float32((h.neg[at+1] - h.neg[at]) * b.scale)
		}
	}
}

// begin prepares for negatives by parts.
func (h *histogramPair) begin() {
	h.cells, h.isCounted = room.Zeroed(h.cells, len(h.neg)-1), false
}

// countNegatives is [pair.Counted] for anchors' histograms.
func countNegatives(anchors []histogramPair, negatives func(anchor int) int) {
	for i := range anchors {
		anchors[i].nNeg, anchors[i].isCounted = negatives(i), true
	}
}

// A binTable has as many tables of bins as go in, so that neighbours that fall into one
// bin need not wait for each other. A number is a count from bit partBits on, and parts
// below.
type binTable [1024]uint64

const (
	partBits = 40
	// mostInTable is how many fit in: their parts, in all tables, stay under 1<<partBits.
	mostInTable = 1 << partBits / kernel.BinUnit / 2
)

// foldPart takes in a row that has negatives alone. It overwrites the row's room.
func (h *histogramPair) foldPart(r *pair.Row, b binning) {
	for first := 0; first < len(r.Neg); first += mostInTable {
		h.foldSome(r, r.Neg[first:min(len(r.Neg), first+mostInTable)], b)
	}
}

func (h *histogramPair) foldSome(r *pair.Row, neg []float32, b binning) {
	var table binTable
	places, parts := r.Places[:len(neg)], r.Scratch[:len(neg)]
	kernel.Bins(places, parts, neg, b.scale, b.shift, b.bins)
	tables := 1
	if 4*(b.bins+1) <= len(table) {
		tables = 4
		table.addInFour(places, parts)
	} else {
		for i, at := range places {
			table[at%1024] += 1<<partBits + uint64(parts[i])
		}
	}
	h.guard.Lock()
	defer h.guard.Unlock()
	all := uint64(0)
	for k := range h.cells {
		x := table[k%len(table)]
		if tables == 4 {
			four := table[4*k : 4*k+4]
			x = four[0] + four[1] + four[2] + four[3]
		}
		h.cells[k].count += x >> partBits
		h.cells[k].parts += x & (1<<partBits - 1)
		all += x >> partBits
	}
	if !h.isCounted {
		h.nNeg += int(all)
	}
}

// addInFour adds to four tables that lie in one another.
func (t *binTable) addInFour(places []int32, parts []float32) {
	for len(places) >= 4 && len(parts) >= 4 {
		t[places[0]*4%1024] += 1<<partBits + uint64(parts[0])
		t[(places[1]*4+1)%1024] += 1<<partBits + uint64(parts[1])
		t[(places[2]*4+2)%1024] += 1<<partBits + uint64(parts[2])
		t[(places[3]*4+3)%1024] += 1<<partBits + uint64(parts[3])
		places, parts = places[4:], parts[4:]
	}
	for i, at := range places {
		t[at*4%1024] += 1<<partBits + uint64(parts[i])
	}
}

// end joins the cells.
func (h *histogramPair) end() {
	for k, c := range h.cells {
		part := float64(c.parts) / kernel.BinUnit
		h.neg[k] += float64(c.count) - part
		h.neg[k+1] += part
	}
}

// ready makes the table of negatives' weights by bin, for weighPart.
func (h *histogramPair) ready(scale float64) {
	h.table = room.Zeroed(h.table, len(h.neg))
	for k := range len(h.neg) - 1 {
		h.table[k] = float32((h.neg[k+1] - h.neg[k]) * scale)
	}
}

// weighPart is weigh for a row that has negatives alone, of which those above the bound
// may have a weight.
func (h *histogramPair) weighPart(w []float32, r *pair.Row, b binning, bound float32) (stored int) {
	if stored = kernel.CountAbove(r.Neg, bound); stored == 0 {
		return 0
	}
	places := r.Places[:len(w)]
	kernel.Bins(places, r.Scratch, r.Neg, b.scale, b.shift, b.bins)
	for i, at := range places {
		w[i] = h.table[at]
	}
	return stored
}

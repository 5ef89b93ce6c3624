package pair

import (
	"math"
	"sync"

	"crossbatch/xbm/kernel"
)

// The shapes that work is cut into. They depend on nothing but the problem, so
// that sums are taken in one order for any number of threads. A tile of
// similarities and its weights stay within a core's second-level cache.
const (
	anchorBlock = 32
	columnTile  = 512
)

// Engine runs losses: it streams tiles of similarities past them and turns their
// weights into gradients. The zero value is ready. It holds scratch space of a
// few hundred KiB a thread, whatever the size of the problem. One run at a time.
type Engine struct {
	spaces sync.Pool
	counts []pairCounts
}

// pairCounts counts one anchor's pairs.
type pairCounts struct{ pos, neg, copies int }

// workspace is one thread's scratch.
type workspace struct {
	sim, weight []float32
	row         Row
}

// Run computes the loss of p and stores its gradient with respect to the
// anchors' unit rows in dst (anchors×dim), through both sides of each pair if p
// is Symmetric. The caller must have checked the shapes.
func (e *Engine) Run(dst []float32, p *Problem, l Loss) Summary {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	l.Begin(p)
	e.counts = zeroed(e.counts, n)
	for pass := range l.Passes() {
		kernel.Parallel(blocks(n, anchorBlock), func(b int) {
			e.sweep(p, b*anchorBlock, 0, m, func(r *Row, _ []float32) {
				if pass == 0 {
					e.count(r)
				}
				l.Fold(pass, r)
			}, nil)
		})
		l.EndPass(pass)
	}
	clear(dst)
	weigh := func(r *Row, w []float32) { l.Weigh(w, r) }
	kernel.Parallel(blocks(n, anchorBlock), func(b int) {
		i := b * anchorBlock
		rows := min(anchorBlock, n-i)
		e.sweep(p, i, 0, m, weigh, func(w []float32, _, j, cols int) {
			// dL/dA = W·C
			kernel.GemmSerial(rows, p.Dim, cols, 1,
				kernel.Mat{Data: w, Stride: columnTile}, p.rows(p.Columns, j), 1,
				kernel.Mat{Data: dst[i*p.Dim:], Stride: p.Dim})
		})
	})
	if p.Symmetric {
		// dL/dC = Wᵀ·A, by tiles of columns so that no two threads meet.
		kernel.Parallel(blocks(m, columnTile), func(t int) {
			j := t * columnTile
			end := min(j+columnTile, m)
			for i := 0; i < n; i += anchorBlock {
				e.sweep(p, i, j, end, weigh, func(w []float32, rows, j, cols int) {
					kernel.GemmSerial(cols, p.Dim, rows, 1,
						kernel.Mat{Data: w, Stride: columnTile, Trans: true}, p.rows(p.Anchors, i), 1,
						kernel.Mat{Data: dst[j*p.Dim:], Stride: p.Dim})
				})
			}
		})
	}
	s := l.Summary()
	for _, c := range e.counts {
		s.Positives += c.pos
		s.Negatives += c.neg
		s.Copies += c.copies
	}
	return s
}

// sweep takes the block of anchors that starts at i over the columns [j, end),
// tile by tile: each row is shown with its zeroed weights, then done, if not
// nil, gets the tile's weights.
func (e *Engine) sweep(p *Problem, i, j, end int,
	row func(*Row, []float32), done func(w []float32, rows, j, cols int)) {
	ws, _ := e.spaces.Get().(*workspace)
	if ws == nil {
		ws = &workspace{
			sim:    make([]float32, anchorBlock*columnTile),
			weight: make([]float32, anchorBlock*columnTile),
		}
	}
	defer e.spaces.Put(ws)
	rows := min(anchorBlock, len(p.Anchors.Labels)-i)
	for ; j < end; j += columnTile {
		cols := min(columnTile, end-j)
		columns := p.rows(p.Columns, j)
		columns.Trans = true
		kernel.GemmSerial(rows, cols, p.Dim, 1, p.rows(p.Anchors, i), columns, 0,
			kernel.Mat{Data: ws.sim, Stride: columnTile})
		if done != nil {
			clear(ws.weight)
		}
		for a := range rows {
			r := &ws.row
			*r = Row{
				Anchor: i + a, First: j, problem: p,
				Neg: ws.sim[a*columnTile : a*columnTile+cols], Pos: r.Pos[:0],
			}
			p.split(r)
			row(r, ws.weight[a*columnTile:a*columnTile+cols])
		}
		if done != nil {
			done(ws.weight, rows, j, cols)
		}
	}
}

// split moves the positive pairs from r.Neg to r.Pos, and drops the pairs of a
// sample with itself. Only columns with the anchor's label are looked at: the
// copies of a sample share its label.
func (p *Problem) split(r *Row) {
	own := -1
	if p.Own != nil {
		own = p.Own[r.Anchor]
	}
	byID := p.SameID && p.Anchors.IDs != nil && p.Columns.IDs != nil
	label := p.Anchors.Labels[r.Anchor]
	for c, other := range p.Columns.Labels[r.First : r.First+len(r.Neg)] {
		if other != label {
			continue
		}
		switch j := r.First + c; {
		case j == own:
			r.own++
		case byID && p.Columns.IDs[j] == p.Anchors.IDs[r.Anchor]:
			r.copies++
		default:
			r.Pos = append(r.Pos, Positive{Col: c, Sim: r.Neg[c]})
		}
		r.Neg[c] = float32(math.Inf(-1))
	}
}

func (e *Engine) count(r *Row) {
	c := &e.counts[r.Anchor]
	c.pos += len(r.Pos)
	c.copies += r.copies
	c.neg += len(r.Neg) - len(r.Pos) - r.own - r.copies
}

// rows is the side's rows from row i on.
func (p *Problem) rows(s Side, i int) kernel.Mat {
	return kernel.Mat{Data: s.Rows[i*p.Dim:], Stride: p.Dim}
}

func blocks(n, size int) int { return (n + size - 1) / size }

// zeroed returns s with n zero elements, in the old array where it is large
// enough.
func zeroed[T any](s []T, n int) []T {
	s = sizedTo(s, n)
	clear(s)
	return s
}

// sizedTo returns s with n elements, in the old array and with the old values
// where it is large enough.
func sizedTo[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

package pair

import (
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
// weights into gradients. The zero value is ready. Whatever the number of columns,
// it holds a few hundred KiB of scratch space a thread, sums of at most 8 MiB for
// the usual batches, and the positives where there are not too many. One run at a
// time.
type Engine struct {
	// Inspect, if not nil, is filled with what the next run's weights look like.
	Inspect *Inspection

	spaces   sync.Pool
	counts   []pairCounts
	gathered []gathered
	total    int       // positives gathered
	sums     []float32 // gradients by part
	plain    bool      // for tests: leave no shorter way out
}

// indirect is a loss that needs more than its own similarities, or whose gradient
// does not go through them alone.
type indirect interface {
	// finish comes after the last EndPass and before Summary and Weigh. It adds
	// the rest of the gradient to those of the anchors' and of the columns' unit
	// rows; dColumns is nil where it is not wanted, and dAnchors where p is
	// Symmetric.
	finish(e *Engine, dAnchors, dColumns []float32, p *Problem)
}

// pairCounts counts one anchor's pairs.
type pairCounts struct{ pos, neg, copies int }

// workspace is one thread's scratch.
type workspace struct {
	sim, weight, times []float32
	places             []int32
	wide               []float32 // columns that are stored in 16 bits
	row                Row

	few    Row              // of positives alone
	next   [partAnchors]int // of each anchor's gathered columns
	stored [partAnchors]int // weights of each row of a tile
}

func (e *Engine) workspace() *workspace {
	if ws, ok := e.spaces.Get().(*workspace); ok {
		return ws
	}
	const most = max(anchorBlock*columnTile, partAnchors*partStride)
	return &workspace{
		sim: make([]float32, most), weight: make([]float32, most),
		times: make([]float32, columnTile), places: make([]int32, columnTile+kernel.FindSlack),
	}
}

// Run computes the loss of p and stores its gradient with respect to the
// anchors' unit rows in dst (anchors×dim), through both sides of each pair if p
// is Symmetric. The caller must have checked the shapes.
func (e *Engine) Run(dst []float32, p *Problem, l Loss) Summary {
	if p.Symmetric {
		return e.RunBoth(dst, dst, p, l)
	}
	return e.RunBoth(dst, nil, p, l)
}

// RunBoth is Run for columns that are no constants: it also stores the gradient
// with respect to their unit rows in dColumns (columns×dim), which is nil where
// it is not wanted and dAnchors where p is Symmetric.
func (e *Engine) RunBoth(dAnchors, dColumns []float32, p *Problem, l Loss) Summary {
	clear(dAnchors)
	clear(dColumns)
	if e.Inspect != nil {
		e.Inspect.begin(len(p.Anchors.Labels))
	}
	isShort := e.Inspect == nil && dColumns == nil && !p.Symmetric && !e.plain && e.runAhead(dAnchors, p, l)
	if !isShort {
		e.fold(p, l)
		if i, ok := l.(indirect); ok {
			i.finish(e, dAnchors, dColumns, p)
		}
		e.weigh(dAnchors, dColumns, p, l)
	}
	s := l.Summary()
	for _, c := range e.counts {
		s.Positives += c.pos
		s.Negatives += c.neg
		s.Copies += c.copies
	}
	return s
}

// fold takes the loss up to its weights.
func (e *Engine) fold(p *Problem, l Loss) {
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
}

// weigh adds the gradient that goes through the similarities.
func (e *Engine) weigh(dAnchors, dColumns []float32, p *Problem, l Loss) {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	weigh := func(r *Row, w []float32) {
		l.Weigh(w, r)
		p.multiply(w, r)
	}
	inspect := weigh
	if e.Inspect != nil {
		inspect = func(r *Row, w []float32) {
			weigh(r, w)
			e.Inspect.add(r, w)
		}
	}
	kernel.Parallel(blocks(n, anchorBlock), func(b int) {
		i := b * anchorBlock
		rows := min(anchorBlock, n-i)
		e.sweep(p, i, 0, m, inspect, func(w []float32, columns kernel.Mat, _, _, cols int) {
			// dL/dA = W·C
			kernel.GemmSerial(rows, p.Dim, cols, 1,
				kernel.Mat{Data: w, Stride: columnTile}, columns, 1,
				kernel.Mat{Data: dAnchors[i*p.Dim:], Stride: p.Dim})
		})
	})
	if dColumns == nil {
		return
	}
	// dL/dC = Wᵀ·A, by tiles of columns so that no two threads meet.
	kernel.Parallel(blocks(m, columnTile), func(t int) {
		j := t * columnTile
		end := min(j+columnTile, m)
		for i := 0; i < n; i += anchorBlock {
			e.sweep(p, i, j, end, weigh, func(w []float32, _ kernel.Mat, rows, j, cols int) {
				kernel.GemmSerial(cols, p.Dim, rows, 1,
					kernel.Mat{Data: w, Stride: columnTile, Trans: true}, p.rows(p.Anchors, i), 1,
					kernel.Mat{Data: dColumns[j*p.Dim:], Stride: p.Dim})
			})
		}
	})
}

// Package engine runs losses: it streams tiles of similarities past them and turns
// their weights into gradients.
//
// The plain way folds all tiles and then weighs them (sweep.go). The fast way, for a
// [pair.Fast] loss against columns that do not move, reads each column once
// (fast.go): the positives are found by label first (gather.go), and the negatives
// are swept in parts (partsweep.go).
package engine

import (
	"sync"

	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// The shapes that work is cut into. They depend on nothing but the problem, so
// that sums are taken in one order for any number of threads. A tile of
// similarities and its weights stay within a core's second-level cache.
const (
	// AnchorBlock is how many anchors one thread folds, one after the other.
	AnchorBlock = 32
	// ColumnTile is how many columns a row has in the plain sweep.
	ColumnTile = 512
)

// Engine runs losses. The zero value is ready. Whatever the number of columns, it
// holds a few hundred KiB of scratch space a thread, sums of at most 8 MiB for the
// usual batches, and the positives where there are not too many. One run at a time.
type Engine struct {
	// Inspect, if not nil, is filled with what the next run's weights look like.
	Inspect *pair.Inspection
	// Plain takes the plain way where there is a fast one too: it is the fast way's
	// twin in tests.
	Plain bool
	// Sieve says when products in bfloat16 choose the pairs that get exact ones.
	Sieve Sieving

	spaces    sync.Pool
	counts    []pairCounts
	negatives []int // of each anchor, of counts
	gathered  []gathered
	total     int       // positives gathered
	sums      []float32 // gradients by part
	shared    shared    // of columns that are with several ranks
}

// pairCounts counts one anchor's pairs.
type pairCounts struct{ pos, neg, copies int }

// workspace is one thread's scratch.
type workspace struct {
	sim, weight, scratch []float32
	places               []int32
	columns              []int32   // of a tile, where they do not follow one another
	wide                 []float32 // columns that are stored in 16 bits
	row                  pair.Row

	few    fewRow           // of positives alone
	next   [partAnchors]int // of each anchor's gathered columns
	stored [partAnchors]int // weights of each row of a tile

	rounded []uint16             // columns in bfloat16
	coarse  []float32            // their products with the anchors
	limits  [partAnchors]float32 // of the anchors' coarse products
	above   [partAnchors][]int32 // places of those above them
}

// Sieving is when a sieve is used. It never changes a result.
type Sieving int

// When.
const (
	FastSieve   Sieving = iota // where it is faster
	AlwaysSieve                // everywhere: for tests
	NoSieve                    // nowhere: its twin in tests
)

func (e *Engine) workspace() *workspace {
	if ws, ok := e.spaces.Get().(*workspace); ok {
		return ws
	}
	const most = max(AnchorBlock*ColumnTile, partAnchors*partStride)
	return &workspace{
		sim: make([]float32, most), weight: make([]float32, most),
		scratch: make([]float32, ColumnTile), places: make([]int32, ColumnTile+kernel.FindSlack),
	}
}

// Run computes the loss of p and stores its gradient with respect to the anchors'
// unit rows in dst (anchors×dim), through both sides of each pair if p is
// Symmetric. The caller must have checked the shapes.
func (e *Engine) Run(dst []float32, p *pair.Problem, l pair.Loss) pair.Summary {
	if p.Symmetric {
		return e.RunBoth(dst, dst, p, l)
	}
	return e.RunBoth(dst, nil, p, l)
}

// RunBoth is Run for columns that are no constants: it also stores the gradient
// with respect to their unit rows in dColumns (columns×dim), which is nil where
// it is not wanted and dAnchors where p is Symmetric.
func (e *Engine) RunBoth(dAnchors, dColumns []float32, p *pair.Problem, l pair.Loss) pair.Summary {
	clear(dAnchors)
	clear(dColumns)
	if e.Inspect != nil {
		e.Inspect.Begin(len(p.Anchors.Labels))
	}
	isFast := e.Inspect == nil && dColumns == nil && !p.Symmetric && !e.Plain
	if isFast {
		isFast, _ = e.runFast(dAnchors, p, l, mostGathered) // no rank can be lost
	}
	if !isFast {
		e.foldAll(p, l)
		e.finish(dAnchors, dColumns, p, l)
		e.weigh(dAnchors, dColumns, p, l)
	}
	return e.summary(l)
}

// summary is the loss's, with the counts of pairs.
func (e *Engine) summary(l pair.Loss) pair.Summary {
	s := l.Summary()
	for _, c := range e.counts {
		s.Positives += c.pos
		if c.pos > 0 {
			s.WithPositives++
		}
		s.Negatives += c.neg
		s.Copies += c.copies
	}
	return s
}

// Fold takes a loss up to its last EndPass, and no further: for losses that need
// other sums first. It takes the fast way where there is one.
func (e *Engine) Fold(p *pair.Problem, l pair.Loss) {
	if fast, ok := l.(pair.Fast); !ok || e.Plain || !fast.IsFast() || !e.gather(p, mostGathered) {
		e.foldAll(p, l)
		return
	}
	l.Begin(p)
	_ = e.foldParts(p, l, way{loss: l.(pair.Fast)}, 0, nil) // no rank can be lost
}

// foldAll takes the loss up to its weights, the plain way.
func (e *Engine) foldAll(p *pair.Problem, l pair.Loss) {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	l.Begin(p)
	e.counts = room.Zeroed(e.counts, n)
	for pass := range l.Passes() {
		kernel.Parallel(kernel.Blocks(n, AnchorBlock), func(b int) {
			e.sweep(p, b*AnchorBlock, 0, m, func(r *pair.Row, c pairCounts, _ []float32) {
				if pass == 0 {
					e.counts[r.Anchor].add(c)
				}
				l.Fold(pass, r)
			}, nil)
		})
		l.EndPass(pass)
	}
}

func (c *pairCounts) add(d pairCounts) {
	c.pos += d.pos
	c.neg += d.neg
	c.copies += d.copies
}

// finish lets a Finisher finish.
func (e *Engine) finish(dAnchors, dColumns []float32, p *pair.Problem, l pair.Loss) {
	f, ok := l.(pair.Finisher)
	if !ok {
		return
	}
	e.negatives = e.negatives[:0]
	for _, c := range e.counts {
		e.negatives = append(e.negatives, c.neg)
	}
	f.Finish(&pair.Finish{Problem: p, Anchors: dAnchors, Columns: dColumns, Negatives: e.negatives, Inspection: e.Inspect})
}

// weigh adds the gradient that goes through the similarities.
func (e *Engine) weigh(dAnchors, dColumns []float32, p *pair.Problem, l pair.Loss) {
	n, m := len(p.Anchors.Labels), len(p.Columns.Labels)
	weigh := func(r *pair.Row, _ pairCounts, w []float32) {
		l.Weigh(w, r)
		p.Multiply(w, r)
	}
	inspect := weigh
	if e.Inspect != nil {
		inspect = func(r *pair.Row, c pairCounts, w []float32) {
			weigh(r, c, w)
			e.Inspect.Add(r, w)
		}
	}
	kernel.Parallel(kernel.Blocks(n, AnchorBlock), func(b int) {
		i := b * AnchorBlock
		rows := min(AnchorBlock, n-i)
		e.sweep(p, i, 0, m, inspect, func(w []float32, columns kernel.Mat, _, _, cols int) {
			// dL/dA = W·C
			kernel.GemmSerial(rows, p.Dim, cols, 1,
				kernel.Mat{Data: w, Stride: ColumnTile}, columns, 1,
				kernel.Mat{Data: dAnchors[i*p.Dim:], Stride: p.Dim})
		})
	})
	if dColumns == nil {
		return
	}
	// dL/dC = Wᵀ·A, by tiles of columns so that no two threads meet.
	kernel.Parallel(kernel.Blocks(m, ColumnTile), func(t int) {
		j := t * ColumnTile
		end := min(j+ColumnTile, m)
		for i := 0; i < n; i += AnchorBlock {
			e.sweep(p, i, j, end, weigh, func(w []float32, _ kernel.Mat, rows, j, cols int) {
				kernel.GemmSerial(cols, p.Dim, rows, 1,
					kernel.Mat{Data: w, Stride: ColumnTile, Trans: true}, anchors(p, i), 1,
					kernel.Mat{Data: dColumns[j*p.Dim:], Stride: p.Dim})
			})
		}
	})
}

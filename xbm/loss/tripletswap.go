package loss

import (
	"errors"

	"crossbatch/xbm/internal/apart"
	"crossbatch/xbm/internal/room"
	"crossbatch/xbm/kernel"
	"crossbatch/xbm/pair"
)

// errSwap says why a memory can't be swapped with.
var errSwap = errors.New(`loss "triplet": swap pushes a negative away from the positive, and in a memory neither can move: use swap within a batch only, or leave it out`)

// tripletSwap is one part of the gradient: Σ ∂loss/∂apart of a pair of the batch.
type tripletSwap struct {
	i, j int32
	pull float64
}

// beginSwap takes the similarities of the batch with itself.
func (l *Triplet) beginSwap() {
	p, n := l.problem, len(l.problem.Anchors.Labels)
	l.swapped = room.Sized(l.swapped, n*n)
	sim := make([]float32, n*n)
	rows := kernel.Mat{Data: p.Anchors.Rows, Stride: p.Dim}
	columns := rows
	columns.Trans = true
	kernel.GemmSerial(n, n, p.Dim, 1, rows, columns, 0, kernel.Mat{Data: sim, Stride: n})
	for i := range n {
		r := pair.Row{Anchor: i, Problem: p}
		for j := range n {
			l.swapped[i*n+j] = r.Apart(l.Euclidean, j, sim[i*n+j])
		}
	}
}

// foldSwap goes through all triplets: there are no more than the batch has.
func (l *Triplet) foldSwap(a *tripletAnchor, r *pair.Row) {
	n := len(l.problem.Anchors.Labels)
	for c, s := range r.Neg {
		if s <= pair.NoPair {
			continue
		}
		x := r.Apart(l.Euclidean, c, s)
		before := a.triplets
		triplet := func(rank int) {
			from, nearest := r.Anchor, x
			if swapped := l.swapped[int(a.pos[rank].Col)*n+r.Column(c)]; swapped < x {
				from, nearest = int(a.pos[rank].Col), swapped
			}
			v := a.aparts[rank] + l.Margin - nearest
			value, slope := max(0, v), 1.0
			if l.Smooth {
				value, slope = softplus(v), sigmoid(v)
			}
			if value > 0 {
				a.value += value
				a.triplets++
				a.pull[rank] += slope
				a.swaps = append(a.swaps, tripletSwap{int32(from), int32(r.Column(c)), -slope})
			}
		}
		if r.Partners != nil {
			chosen(r, c, triplet)
		} else {
			for rank := range a.pos {
				triplet(rank)
			}
		}
		if a.triplets > before {
			a.nNeg++
		}
	}
}

// endSwap replaces the distances by what pulls at them, in the order of the
// anchors.
func (l *Triplet) endSwap() {
	n := len(l.anchors)
	gradient := make([]float64, n*n)
	for i := range l.anchors {
		a := &l.anchors[i]
		for rank, q := range a.pos {
			gradient[i*n+int(q.Col)] += a.pull[rank]
		}
		for _, s := range a.swaps {
			gradient[int(s.i)*n+int(s.j)] += s.pull
		}
	}
	for k, x := range l.swapped {
		l.swapped[k] = gradient[k] * apart.Slope(l.Euclidean, x)
	}
}

func (l *Triplet) weighSwap(w []float32, r *pair.Row) {
	n := len(l.anchors)
	for c := range w {
		w[c] = float32(l.scale * l.swapped[r.Anchor*n+r.Column(c)])
	}
}

package pair

import "math"

// angularBlock is a loss whose anchors are the middles of positive pairs.
type angularBlock struct {
	sharpness, self float64   // factors of middle·n and of a·p
	lengths         []float32 // of n; nil: 1

	pairs  []angularPair
	sums   []logSum
	nNeg   []int
	engine Engine

	rows, dRows, dColumns []float32
	wide                  []float32
	labels                []int32
}

// run takes a block of pairs against all columns, adds its gradient, and leaves
// the pulls in pairs.
func (b *angularBlock) run(pairs []angularPair, dAnchors, dColumns []float32, p *Problem) {
	b.pairs = pairs
	b.rows, b.dRows = sizedTo(b.rows, len(pairs)*p.Dim), sizedTo(b.dRows, len(pairs)*p.Dim)
	b.labels = sizedTo(b.labels, len(pairs))
	for k, q := range pairs {
		b.labels[k] = p.Anchors.Labels[q.anchor]
		a, c := p.Anchors.Rows[q.anchor*p.Dim:], p.Columns.from(&b.wide, p.Dim, q.col, 1)
		for d := range p.Dim {
			b.rows[k*p.Dim+d] = (a[d] + c[d]) / 2
		}
	}
	if dColumns != nil {
		b.dColumns = sizedTo(b.dColumns, len(dColumns))
	} else {
		b.dColumns = nil
	}
	b.engine.RunBoth(b.dRows, b.dColumns, &Problem{
		Dim: p.Dim, Anchors: Side{Rows: b.rows, Labels: b.labels}, Columns: p.Columns, Step: p.Step,
	}, b)
	for k, q := range pairs {
		for d, g := range b.dRows[k*p.Dim : (k+1)*p.Dim] {
			dAnchors[q.anchor*p.Dim+d] += g / 2
			if dColumns != nil {
				dColumns[q.col*p.Dim+d] += g / 2
			}
		}
	}
	for d, g := range b.dColumns {
		dColumns[d] += g
	}
	if b.lengths != nil && b.dColumns != nil && p.DLengths != nil {
		b.addLengths(p)
	}
}

// addLengths turns ∂L/∂u, u a negative's unit row, into ∂L/∂length: L depends on
// length·u.
func (b *angularBlock) addLengths(p *Problem) {
	for j, length := range b.lengths {
		if length == 0 {
			continue
		}
		var dot float64
		for d, g := range b.dColumns[j*p.Dim : (j+1)*p.Dim] {
			dot += float64(g) * float64(p.Columns.Rows[j*p.Dim+d])
		}
		p.DLengths[j] += float32(dot / float64(length))
	}
}

// Begin implements [Loss].
func (b *angularBlock) Begin(*Problem) {
	b.sums, b.nNeg = sizedTo(b.sums, len(b.pairs)), zeroed(b.nNeg, len(b.pairs))
	for k := range b.sums {
		b.sums[k] = oneLogSum()
	}
}

// Passes implements [Loss].
func (b *angularBlock) Passes() int { return 1 }

// Fold implements [Loss].
func (b *angularBlock) Fold(_ int, r *Row) {
	for c, s := range r.Neg {
		if s > noPair {
			b.sums[r.Anchor].add(b.logit(r, c, s))
			b.nNeg[r.Anchor]++
		}
	}
}

func (b *angularBlock) logit(r *Row, c int, s float32) float64 {
	return b.sharpness*b.length(r, c)*float64(s) + b.self*b.pairs[r.Anchor].sim
}

func (b *angularBlock) length(r *Row, c int) float64 {
	if b.lengths == nil {
		return 1
	}
	return float64(b.lengths[r.column(c)])
}

// EndPass implements [Loss].
func (b *angularBlock) EndPass(int) {
	for k := range b.pairs {
		b.pairs[k].pull = -math.Expm1(-b.sums[k].value())
	}
}

// Summary implements [Loss].
func (b *angularBlock) Summary() Summary { return Summary{} }

// Weigh implements [Loss].
func (b *angularBlock) Weigh(w []float32, r *Row) {
	sum, scale := b.sums[r.Anchor].value(), b.sharpness*b.pairs[r.Anchor].scale
	for c, s := range r.Neg {
		if s > noPair {
			w[c] = float32(scale * b.length(r, c) * share(b.logit(r, c, s), sum))
		}
	}
}

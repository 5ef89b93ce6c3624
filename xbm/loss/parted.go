package loss

// What the losses' parts hold of an anchor, as numbers: see [pair.Parted].

// AppendPart implements [pair.Parted].
func (p *partSums) AppendPart(x []float64, part, anchor int) []float64 {
	q := &p.parts[part*p.n+anchor]
	return append(x, float64(q.top), q.sum, float64(q.count))
}

// SetPart implements [pair.Parted].
func (p *partSums) SetPart(x []float64, part, anchor int) []float64 {
	p.parts[part*p.n+anchor] = partSum{top: float32(x[0]), sum: x[1], count: int(x[2])}
	return x[3:]
}

// AppendPart implements [pair.Parted].
func (l *NPairs) AppendPart(x []float64, part, anchor int) []float64 {
	return l.pairs.AppendPart(x, part, anchor)
}

// SetPart implements [pair.Parted].
func (l *NPairs) SetPart(x []float64, part, anchor int) []float64 {
	return l.pairs.SetPart(x, part, anchor)
}

// AppendPart implements [pair.Parted].
func (l *Contrastive) AppendPart(x []float64, part, anchor int) []float64 {
	q := &l.parts[part*len(l.anchors)+anchor]
	return append(x, q.neg, float64(q.nNeg), q.allNeg)
}

// SetPart implements [pair.Parted].
func (l *Contrastive) SetPart(x []float64, part, anchor int) []float64 {
	l.parts[part*len(l.anchors)+anchor] = contrastiveAnchor{neg: x[0], nNeg: int(x[1]), allNeg: x[2]}
	return x[3:]
}

// AppendPart implements [pair.Parted].
func (l *Margin) AppendPart(x []float64, part, anchor int) []float64 {
	q := &l.parts[part*len(l.anchors)+anchor]
	return append(x, q.neg, float64(q.nNeg), float64(q.countNeg))
}

// SetPart implements [pair.Parted].
func (l *Margin) SetPart(x []float64, part, anchor int) []float64 {
	q := &l.parts[part*len(l.anchors)+anchor]
	q.neg, q.nNeg, q.countNeg = x[0], int(x[1]), int(x[2])
	return x[3:]
}

// AppendPart implements [pair.Parted].
func (l *Triplet) AppendPart(x []float64, part, anchor int) []float64 {
	q := &l.parts[part*len(l.anchors)+anchor]
	return append(append(x, q.value, float64(q.triplets), float64(q.all), float64(q.nNeg)), q.pull...)
}

// SetPart implements [pair.Parted].
func (l *Triplet) SetPart(x []float64, part, anchor int) []float64 {
	q := &l.parts[part*len(l.anchors)+anchor]
	q.value, q.triplets, q.all, q.nNeg = x[0], int(x[1]), int(x[2]), int(x[3])
	return x[4+copy(q.pull, x[4:]):]
}

package miner

// What the miners' parts hold of an anchor, as numbers: see [pair.PartedMiner].

func (x *partExtremes) appendPart(to []float64, part, anchor int) []float64 {
	q := x.of(part, anchor)
	return append(to, float64(q.negHigh.sim), float64(q.negHigh.col), float64(q.negLow.sim), float64(q.negLow.col))
}

func (x *partExtremes) setPart(from []float64, part, anchor int) []float64 {
	q := x.of(part, anchor)
	q.negHigh = extreme{float32(from[0]), int(from[1])}
	q.negLow = extreme{float32(from[2]), int(from[3])}
	return from[4:]
}

// eachNegative shows the extremes among the negatives.
func eachNegative(all []extremes, show func(anchor, column int, sim float32)) {
	for i := range all {
		for _, x := range []extreme{all[i].negHigh, all[i].negLow} {
			if x.col >= 0 {
				show(i, x.col, x.sim)
			}
		}
	}
}

// AppendPart implements [pair.Parted].
func (m *EasyHard) AppendPart(x []float64, part, anchor int) []float64 {
	return m.parts.appendPart(x, part, anchor)
}

// SetPart implements [pair.Parted].
func (m *EasyHard) SetPart(x []float64, part, anchor int) []float64 {
	return m.parts.setPart(x, part, anchor)
}

// EachNegative implements [pair.PartedMiner].
func (m *EasyHard) EachNegative(show func(anchor, column int, sim float32)) {
	eachNegative(m.anchors, show)
	eachNegative(m.chosen, show)
}

// AppendPart implements [pair.Parted].
func (m *MultiSimilarity) AppendPart(x []float64, part, anchor int) []float64 {
	return m.parts.appendPart(x, part, anchor)
}

// SetPart implements [pair.Parted].
func (m *MultiSimilarity) SetPart(x []float64, part, anchor int) []float64 {
	return m.parts.setPart(x, part, anchor)
}

// EachNegative implements [pair.PartedMiner].
func (m *MultiSimilarity) EachNegative(show func(anchor, column int, sim float32)) {
	eachNegative(m.anchors, show)
}

// AppendPart implements [pair.Parted]: there is nothing to tell.
func (m *Margin) AppendPart(x []float64, _, _ int) []float64 { return x }

// SetPart implements [pair.Parted].
func (m *Margin) SetPart(x []float64, _, _ int) []float64 { return x }

// EachNegative implements [pair.PartedMiner]: a pair's rows tell.
func (m *Margin) EachNegative(func(anchor, column int, sim float32)) {}

package verification

import "crossbatch/xbm/kernel"

// allPairs are all pairs of two rows.
type allPairs struct {
	x       []float32
	dim     int
	labels  []int32
	members map[int32][]int32
}

// blockRows is how many rows a block pairs with all before them.
const blockRows = 16

func newAllPairs(x []float32, dim int, labels []int32) *allPairs {
	p := &allPairs{x: x, dim: dim, labels: labels, members: map[int32][]int32{}}
	for i, l := range labels {
		p.members[l] = append(p.members[l], int32(i))
	}
	return p
}

func (p *allPairs) size() (positives, negatives int64) {
	for _, class := range p.members {
		positives += int64(len(class)) * int64(len(class)-1) / 2
	}
	n := int64(len(p.labels))
	return positives, n*(n-1)/2 - positives
}

func (p *allPairs) blocks() int { return (len(p.labels) + blockRows - 1) / blockRows }

func (p *allPairs) row(i int) []float32 { return p.x[i*p.dim : (i+1)*p.dim] }

// rows of a block; the last, which have most before them, come first.
func (p *allPairs) rows(block int) (from, to int) {
	block = p.blocks() - 1 - block
	return block * blockRows, min((block+1)*blockRows, len(p.labels))
}

func (p *allPairs) positives(block int, visit func(float64)) {
	from, to := p.rows(block)
	for i := from; i < to; i++ {
		for _, j := range p.members[p.labels[i]] {
			if int(j) >= i {
				break
			}
			visit(kernel.SquaredDistance(p.row(i), p.row(int(j))))
		}
	}
}

// negatives goes through the rows before in the order of the tile that lies in the
// cache for all rows of a block.
func (p *allPairs) negatives(block int, visit func(float64)) {
	from, to := p.rows(block)
	const tile = 64
	for j := 0; j < to; j += tile {
		for i := from; i < to; i++ {
			row, label := p.row(i), p.labels[i]
			for k := j; k < min(j+tile, i); k++ {
				if p.labels[k] != label {
					visit(kernel.SquaredDistance(row, p.row(k)))
				}
			}
		}
	}
}

// listed are the pairs of a list.
type listed struct{ right, wrong []float64 }

func newListed(x []float32, dim int, pairs []Pair) *listed {
	squares := make([]float64, len(pairs))
	kernel.Parallel((len(pairs)+1023)/1024, func(b int) {
		for k := b * 1024; k < min((b+1)*1024, len(pairs)); k++ {
			a, b := int(pairs[k].A), int(pairs[k].B)
			squares[k] = kernel.SquaredDistance(x[a*dim:(a+1)*dim], x[b*dim:(b+1)*dim])
		}
	})
	p := &listed{}
	for k, square := range squares {
		if pairs[k].Same {
			p.right = append(p.right, square)
		} else {
			p.wrong = append(p.wrong, square)
		}
	}
	return p
}

func (p *listed) size() (positives, negatives int64) { return int64(len(p.right)), int64(len(p.wrong)) }

func (p *listed) blocks() int { return 1 }

func (p *listed) positives(_ int, visit func(float64)) { each(p.right, visit) }

func (p *listed) negatives(_ int, visit func(float64)) { each(p.wrong, visit) }

func each(x []float64, visit func(float64)) {
	for _, v := range x {
		visit(v)
	}
}

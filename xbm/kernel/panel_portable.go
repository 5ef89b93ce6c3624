package kernel

// panelPortable is panel in plain Go. The conversions of the products forbid
// the compiler to fuse them with the additions, which it would not do alike in
// the tile and at the edges.
func panelPortable(m, n, k int, alpha float32, a, b view, beta float32, c view) {
	for i := 0; i < m; i += 4 {
		ai, ci := a.from(i, 0), c.from(i, 0)
		if m-i < 4 || n < 4 {
			edgePortable(min(4, m-i), n, k, alpha, ai, b, beta, ci)
			continue
		}
		tilePortable(k, alpha, ai, b, beta, ci)
	}
}

// tilePortable is a tile of 4×4, in registers.
func tilePortable(k int, alpha float32, a, b view, beta float32, c view) {
	var c00, c01, c02, c03, c10, c11, c12, c13 float32
	var c20, c21, c22, c23, c30, c31, c32, c33 float32
	for l := range k {
		p := a.data[l*a.col:]
		q := b.data[l*b.row:][:4]
		b0, b1, b2, b3 := q[0], q[1], q[2], q[3]
		x := p[0]
		c00 += float32(x * b0)
		c01 += float32(x * b1)
		c02 += float32(x * b2)
		c03 += float32(x * b3)
		x = p[a.row]
		c10 += float32(x * b0)
		c11 += float32(x * b1)
		c12 += float32(x * b2)
		c13 += float32(x * b3)
		x = p[2*a.row]
		c20 += float32(x * b0)
		c21 += float32(x * b1)
		c22 += float32(x * b2)
		c23 += float32(x * b3)
		x = p[3*a.row]
		c30 += float32(x * b0)
		c31 += float32(x * b1)
		c32 += float32(x * b2)
		c33 += float32(x * b3)
	}
	for i, sums := range [4][4]float32{
		{c00, c01, c02, c03}, {c10, c11, c12, c13}, {c20, c21, c22, c23}, {c30, c31, c32, c33},
	} {
		row := c.data[i*c.row:][:4]
		for j, sum := range sums {
			row[j] = blend(alpha, sum, beta, row[j])
		}
	}
}

// edgePortable is a tile of any shape.
func edgePortable(m, n, k int, alpha float32, a, b view, beta float32, c view) {
	for i := range m {
		for j := range n {
			var sum float32
			for l := range k {
				sum += float32(a.data[a.at(i, l)] * b.data[b.at(l, j)])
			}
			dst := &c.data[c.at(i, j)]
			*dst = blend(alpha, sum, beta, *dst)
		}
	}
}

// blend is alpha·sum + beta·old, where beta 0 ignores old, be it NaN.
func blend(alpha, sum, beta, old float32) float32 {
	sum *= alpha
	if beta != 0 {
		sum += float32(beta * old)
	}
	return float32(sum)
}

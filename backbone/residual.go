package backbone

import (
	"crossbatch/xbm/kernel"

	"gorgonia.org/gorgonia"
)

// residual is the sum of what two branches make of x: main, and shortcut, which
// without layers is x itself.
//
//	Kaiming He, Xiangyu Zhang, Shaoqing Ren, Jian Sun, Deep Residual Learning for
//	Image Recognition, CVPR 2016, https://arxiv.org/abs/1512.03385, equations 1
//	and 2.
type residual struct{ main, shortcut []layer }

func (l residual) apply(b *builder, x *gorgonia.Node) *gorgonia.Node {
	y, s := x, x
	for _, m := range l.main {
		y = m.apply(b, y)
	}
	for _, m := range l.shortcut {
		s = m.apply(b, s)
	}
	shape := y.Shape()
	batch, size := shape[0], shape.TotalSize()/shape[0]
	forward := func(dst []float32, in [][]float32) {
		kernel.Parallel(batch, func(i int) {
			at, end := i*size, (i+1)*size
			kernel.Combine(dst[at:end], in[0][at:end], in[1][at:end], 1, 1, 0, 0)
		})
	}
	diff := func(_ gorgonia.Nodes, _, grad *gorgonia.Node) gorgonia.Nodes {
		return gorgonia.Nodes{grad, grad}
	}
	return b.forward("residual", shape, diff, forward, y, s)
}

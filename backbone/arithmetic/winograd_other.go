//go:build !amd64

package arithmetic

func (kind) winograd(m winogradMap, dst, src Squares, n, count int) {
	out, in := m.sizes()
	dst.within("dst", out, n, count)
	src.within("src", in, n, count)
	winogradPortable(m, dst, src, n, count)
}

//go:build !amd64

package arithmetic

func (kind) winograd(m winogradMap, tile int, dst, src Squares, n, count int) {
	m.check(tile, dst, src, n, count)
	winogradPortable(m, tile, dst, src, n, count)
}

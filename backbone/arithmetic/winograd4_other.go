//go:build !amd64

package arithmetic

func (kind) winograd4(m winogradMap, dst, src Squares, n, count int) {
	check4(m, dst, src, n, count)
	winograd4Portable(m, dst, src, n, count)
}

//go:build !amd64

package kernel

func (kind) bins(places []int32, parts, x []float32, scale, shift float64, bins int) {
	binsPortable(places, parts, x, scale, shift, bins)
}

func (kind) sigmoids(e []float32, f float32) (sum, slopes float32) { return sigmoidsPortable(e, f) }

func (kind) addSlopes(dst, e []float32, f, times float32) {
	sameLength("AddSlopes", dst, e)
	addSlopesPortable(dst, e, f, times)
}

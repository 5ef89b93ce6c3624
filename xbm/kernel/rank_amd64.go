package kernel

func (kd kind) bins(places []int32, parts, x []float32, scale, shift float64, bins int) {
	whole := len(x) / 8 * 8
	if kd == portable {
		whole = 0
	}
	switch {
	case whole == 0:
	case kd == avx512:
		binsAVX512(&places[0], &parts[0], &x[0], whole, scale, shift, float64(bins), int32(bins-1))
	case kd == avx2:
		binsAVX2(&places[0], &parts[0], &x[0], whole, scale, shift, float64(bins), int32(bins-1))
	}
	binsPortable(places[whole:], parts[whole:], x[whole:], scale, shift, bins)
}

func (kd kind) sigmoids(e []float32, f float32) (sum, slopes float32) {
	var sums [2]float32
	switch {
	case len(e) == 0:
	case kd == avx512:
		sigmoidsAVX512(&sums[0], &e[0], len(e), f)
	case kd == avx2:
		sigmoidsAVX2(&sums[0], &e[0], len(e), f)
	default:
		return sigmoidsPortable(e, f)
	}
	return sums[0], sums[1]
}

func (kd kind) addSlopes(dst, e []float32, f, times float32) {
	sameLength("AddSlopes", dst, e)
	switch {
	case len(e) == 0:
	case kd == avx512:
		addSlopesAVX512(&dst[0], &e[0], len(e), f, times)
	case kd == avx2:
		addSlopesAVX2(&dst[0], &e[0], len(e), f, times)
	default:
		addSlopesPortable(dst, e, f, times)
	}
}

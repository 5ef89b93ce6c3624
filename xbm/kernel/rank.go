package kernel

import "math"

// BinUnit is how many parts a bin has in [Bins].
const BinUnit = 1 << 24

// noBin is the similarity at or under which, in [Bins], there is no pair.
const noBin = -2

// Bins stores in places in which of so many bins scale·x+shift lies, each from a whole
// number to the next, and in parts how far into it, a whole number of BinUnit-ths. What is
// outside all bins is at the end of the first or the last. Where x is -2 or less, which no
// similarity is, the place is the number of bins, and the part 0. scale is not 0. places
// and parts are no shorter than x.
func Bins(places []int32, parts, x []float32, scale, shift float64, bins int) {
	if len(places) < len(x) || len(parts) < len(x) {
		panic("kernel: no room for the bins")
	}
	native.bins(places, parts, x, scale, shift, bins)
}

// Sigmoids returns Σ σ and Σ σ·(1-σ), σ being e/(e+f), for odds e of 0 or more; f is
// positive and, as e/(e+f) is 1 from e^80 on, not above e^60.
func Sigmoids(e []float32, f float32) (sum, slopes float32) { return native.sigmoids(e, f) }

// AddSlopes adds times·σ·(1-σ), σ being as in [Sigmoids], to dst, element by element; dst
// and e have one length.
func AddSlopes(dst, e []float32, f, times float32) { native.addSlopes(dst, e, f, times) }

func binsPortable(places []int32, parts, x []float32, scale, shift float64, bins int) {
	for i, s := range x {
		if s <= noBin {
			places[i], parts[i] = int32(bins), 0
			continue
		}
		place := min(max(float64(float64(s)*scale)+shift, 0), float64(bins))
		at := min(int32(place), int32(bins-1))
		places[i], parts[i] = at, float32(math.RoundToEven((place-float64(at))*BinUnit))
	}
}

// mostOdds is e^80.
const mostOdds = 5.5406223843935098e34

func sigmoidsPortable(e []float32, f float32) (sum, slopes float32) {
	for _, x := range e {
		x = min(x, mostOdds)
		v, rest := x/(x+f), f/(x+f)
		sum += v
		slopes += v * rest
	}
	return sum, slopes
}

func addSlopesPortable(dst, e []float32, f, times float32) {
	for i, x := range e {
		x = min(x, mostOdds)
		dst[i] += times * (x / (x + f)) * (f / (x + f))
	}
}

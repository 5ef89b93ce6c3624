package arithmetic

// Sum returns the sum of x.
func Sum(x []float32) float32 { return native.sum(x) }

// SquaredDeviations returns Σ(x-mean)².
func SquaredDeviations(x []float32, mean float32) float32 { return native.squaredDeviations(x, mean) }

// Affine stores factor·(x-mean) + shift, element by element. dst and x may be the
// same.
func Affine(dst, x []float32, mean, factor, shift float32) {
	native.affine(dst, x, mean, factor, shift)
}

// Combine stores a·x + b·(y-mean) + c, element by element. dst may be x or y.
func Combine(dst, x, y []float32, a, b, mean, c float32) { native.combine(dst, x, y, a, b, mean, c) }

// Rectify stores max(x, 0), element by element; NaN stays NaN. dst and x may be the same.
func Rectify(dst, x []float32) { native.rectify(dst, x) }

// Rectified stores the elements of g where those of y are above 0, and else 0.
// dst may be g or y.
func Rectified(dst, g, y []float32) { native.rectified(dst, g, y) }

// Beat stores x in best and k in winner where x is above best, element by element.
func Beat(best []float32, winner []int32, x []float32, k int32) { native.beat(best, winner, x, k) }

// BeatFour stores in best the largest of four pixels, two side by side in top and two in
// bottom, channel by channel, and in winner which it is, from 0 to 3: of equal ones the
// first. top and bottom have twice the length of best and winner.
func BeatFour(best []float32, winner []int32, top, bottom []float32) {
	fourPixels(len(best), len(winner), len(top), len(bottom))
	native.beatFour(best, winner, top, bottom)
}

// GiveFour stores x in the one of four pixels that winner says, as BeatFour has it, and
// zeros in the others.
func GiveFour(top, bottom, x []float32, winner []int32) {
	fourPixels(len(x), len(winner), len(top), len(bottom))
	native.giveFour(top, bottom, x, winner)
}

func fourPixels(n, winners, top, bottom int) {
	if winners != n || top != 2*n || bottom != 2*n {
		panic("arithmetic: lengths of four pixels differ")
	}
}

// AddWhere adds x to dst where winner is k, element by element.
func AddWhere(dst, x []float32, winner []int32, k int32) { native.addWhere(dst, x, winner, k) }

// sumPortable sums in four chains, as does the next: a single one would wait
// for each addition before the next.
func sumPortable(x []float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		a += x[0]
		b += x[1]
		c += x[2]
		d += x[3]
	}
	for _, v := range x {
		a += v
	}
	return (a + b) + (c + d)
}

func squaredDeviationsPortable(x []float32, mean float32) float32 {
	var a, b, c, d float32
	for ; len(x) >= 4; x = x[4:] {
		p, q, r, s := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		a += float32(p * p)
		b += float32(q * q)
		c += float32(r * r)
		d += float32(s * s)
	}
	for _, v := range x {
		a += float32((v - mean) * (v - mean))
	}
	return (a + b) + (c + d)
}

func affinePortable(dst, x []float32, mean, factor, shift float32) {
	for i, v := range x {
		dst[i] = float32(factor*(v-mean)) + shift
	}
}

func combinePortable(dst, x, y []float32, a, b, mean, c float32) {
	for i, v := range x {
		dst[i] = float32(a*v) + (float32(b*(y[i]-mean)) + c)
	}
}

func rectifyPortable(dst, x []float32) {
	for i, v := range x {
		dst[i] = max(v, 0)
	}
}

func rectifiedPortable(dst, g, y []float32) {
	for i, v := range y {
		d := g[i]
		if !(v > 0) {
			d = 0
		}
		dst[i] = d
	}
}

func beatPortable(best []float32, winner []int32, x []float32, k int32) {
	for i, v := range x {
		if v > best[i] {
			best[i], winner[i] = v, k
		}
	}
}

func addWherePortable(dst, x []float32, winner []int32, k int32) {
	for i, w := range winner {
		if w == k {
			dst[i] += x[i]
		}
	}
}

func beatFourPortable(best []float32, winner []int32, top, bottom []float32) {
	n := len(best)
	copy(best, top)
	clear(winner)
	beatPortable(best, winner, top[n:], 1)
	beatPortable(best, winner, bottom[:n], 2)
	beatPortable(best, winner, bottom[n:], 3)
}

func giveFourPortable(top, bottom, x []float32, winner []int32) {
	n := len(x)
	clear(top)
	clear(bottom)
	for k, to := range [][]float32{top[:n], top[n:], bottom[:n], bottom[n:]} {
		addWherePortable(to, x, winner, int32(k))
	}
}

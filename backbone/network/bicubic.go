package network

import "math"

// bicubic is the constant of the cubic convolution that PyTorch has.
const bicubic = -0.75

// Matrix is the interpolation: row t has the weights with which the rows that
// were learnt make up that of token t, 1+Height·Width × 1+Side².
//
//	Robert G. Keys, Cubic Convolution Interpolation for Digital Image Processing,
//	IEEE Transactions on Acoustics, Speech, and Signal Processing 1981,
//	https://doi.org/10.1109/TASSP.1981.1163711.
func (o Positions) Matrix() []float32 {
	columns := 1 + o.Side*o.Side
	m := make([]float32, (1+o.Height*o.Width)*columns)
	m[0] = 1
	down, across := cubics(o.Side, o.Height), cubics(o.Side, o.Width)
	for y, rows := range down {
		for x, cols := range across {
			row := m[(1+y*o.Width+x)*columns:][:columns]
			for i, wy := range rows {
				for j, wx := range cols {
					row[1+i*o.Side+j] = float32(wy * wx)
				}
			}
		}
	}
	return m
}

// cubics are the weights of a side's places for each of those that it is scaled to.
// What lies outside is the place at the edge.
func cubics(from, to int) [][]float64 {
	all := make([][]float64, to)
	for i := range all {
		all[i] = make([]float64, from)
		at := (float64(i)+0.5)*float64(from)/float64(to) - 0.5
		first := math.Floor(at)
		for k := -1; k <= 2; k++ {
			place := min(max(int(first)+k, 0), from-1)
			all[i][place] += cubic(math.Abs(at - first - float64(k)))
		}
	}
	return all
}

func cubic(x float64) float64 {
	switch {
	case x <= 1:
		return ((bicubic+2)*x-(bicubic+3))*x*x + 1
	case x < 2:
		return ((bicubic*x-5*bicubic)*x+8*bicubic)*x - 4*bicubic
	}
	return 0
}

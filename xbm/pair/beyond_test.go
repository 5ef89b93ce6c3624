package pair

import "math"

// Twins of the losses that look at more than their own similarities.

func liftedTwin(posMargin, negMargin float64) twin {
	return func(v *view) (value float64) {
		pairs := 0.0
		for i := range v.s {
			v.pairs(i, func(j int, kind pairKind) {
				if kind != positive {
					return
				}
				pairs++
				var near []float64 // NegMargin - d of the negatives of both ends
				v.pairs(i, func(k int, kind pairKind) {
					if kind == negative {
						near = append(near, negMargin-distanceOf(v.s[i][k]))
					}
				})
				if len(v.own) > 0 && v.isSquare() {
					v.pairs(j, func(k int, kind pairKind) {
						if kind == negative {
							near = append(near, negMargin-distanceOf(v.s[j][k]))
						}
					})
				} else {
					for k, label := range v.columns {
						if label != v.columns[j] {
							near = append(near, negMargin-distanceOf(dot(v.row(j), v.row(k))))
						}
					}
				}
				if len(near) == 0 {
					return
				}
				loss := distanceOf(v.s[i][j]) - posMargin + logOf(near, func(x float64) float64 { return x })
				value += math.Pow(math.Max(0, loss), 2) / 2
			})
		}
		return value / math.Max(1, pairs)
	}
}

// isSquare says that the columns are the anchors.
func (v *view) isSquare() bool {
	for i, j := range v.own {
		if i != j {
			return false
		}
	}
	return len(v.labels) == len(v.columns)
}

func variance(x []float64) (sum float64) {
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		sum += (v - mean) * (v - mean) / float64(len(x)-1)
	}
	return sum
}

func snrTwin(posMargin, negMargin float64) twin {
	return func(v *view) float64 {
		var sum, count [2]float64
		for i := range v.s {
			signal := variance(v.anchor(i))
			if signal < noSignal {
				continue
			}
			v.pairs(i, func(j int, kind pairKind) {
				noise := make([]float64, v.dim)
				for k := range noise {
					noise[k] = v.anchor(i)[k] - v.row(j)[k]
				}
				d := variance(noise) / signal
				switch {
				case kind == positive && d-posMargin > rounding:
					sum[0] += d - posMargin
					count[0]++
				case kind == negative && negMargin-d > rounding:
					sum[1] += negMargin - d
					count[1]++
				}
			})
		}
		return sum[0]/math.Max(1, count[0]) + sum[1]/math.Max(1, count[1])
	}
}

func angularTwin(degrees float64, raw bool) twin {
	t := math.Pow(math.Tan(degrees*math.Pi/180), 2)
	return func(v *view) (value float64) {
		pairs := 0.0
		for i := range v.s {
			v.pairs(i, func(j int, kind pairKind) {
				if kind != positive {
					return
				}
				pairs++
				var terms []float64
				for k, label := range v.columns {
					if label == v.labels[i] {
						continue
					}
					length := 1.0
					if raw {
						length = v.lengths[k]
					}
					terms = append(terms, 4*t*length*(v.s[i][k]+dot(v.row(j), v.row(k)))-2*(1+t)*v.s[i][j])
				}
				value += softplus(logOf(terms, func(x float64) float64 { return x }))
			})
		}
		return value / math.Max(1, pairs)
	}
}

package pair

import "math"

func circleTwin(m, gamma float64) twin {
	return func(v *view) (value float64) {
		count, base := 0.0, v.base()
		for i := range v.s {
			var pos, neg []float64 // logits, their weights held fixed
			for j, s := range v.s[i] {
				switch v.kind[i][j] {
				case positive:
					pos = append(pos, -gamma*math.Max(0, 1+m-base[i][j])*(s-1+m))
				case negative:
					neg = append(neg, gamma*math.Max(0, base[i][j]+m)*(s-m))
				}
			}
			if len(pos) == 0 || len(neg) == 0 {
				continue
			}
			same := func(x float64) float64 { return x }
			if loss := softplus(logOf(pos, same) + logOf(neg, same)); loss > 0 {
				value += loss
				count++
			}
		}
		return value / math.Max(1, count)
	}
}

// soft is the histogram of places, counted in bins, with linear weights.
func soft(places []float64, bins int) []float64 {
	h := make([]float64, bins+1)
	for _, x := range places {
		for q := range h {
			h[q] += math.Max(0, 1-math.Abs(math.Min(math.Max(x, 0), float64(bins))-float64(q)))
		}
	}
	return h
}

func fastAPTwin(bins int) twin {
	return func(v *view) (value float64) {
		count := 0.0
		for i := range v.s {
			var pos, all []float64
			for j, s := range v.s[i] {
				x := (2 - 2*s) / 4 * float64(bins)
				if v.kind[i][j] == positive {
					pos = append(pos, x)
				}
				if v.kind[i][j] != leftOut {
					all = append(all, x)
				}
			}
			if len(pos) == 0 {
				continue
			}
			var ap, below, belowAll float64
			h, hAll := soft(pos, bins), soft(all, bins)
			for q := range h {
				below += h[q]
				belowAll += hAll[q]
				if belowAll > 0 {
					ap += h[q] * below / belowAll / float64(len(pos))
				}
			}
			value += 1 - ap
			count++
		}
		return value / math.Max(1, count)
	}
}

func histogramTwin(bins int) twin {
	return func(v *view) (value float64) {
		var pos, neg []float64
		for i := range v.s {
			p, n := v.sides(i)
			pos, neg = append(pos, p...), append(neg, n...)
		}
		if len(pos) == 0 || len(neg) == 0 {
			return 0
		}
		for _, side := range [][]float64{pos, neg} {
			for k, s := range side {
				side[k] = (s + 1) / 2 * float64(bins)
			}
		}
		hPos, hNeg := soft(pos, bins), soft(neg, bins)
		below := 0.0
		for q := range hPos {
			below += hPos[q] / float64(len(pos))
			value += hNeg[q] / float64(len(neg)) * below
		}
		return value
	}
}

func smoothAPTwin(temperature float64) twin {
	return func(v *view) (value float64) {
		count := 0.0
		for i := range v.s {
			pos, neg := v.sides(i)
			if len(pos) == 0 {
				continue
			}
			ap := 0.0
			for j, p := range pos {
				among := 1.0
				for k, other := range pos {
					if k != j {
						among += sigmoid((other - p) / temperature)
					}
				}
				rank := among
				for _, n := range neg {
					rank += sigmoid((n - p) / temperature)
				}
				ap += among / rank / float64(len(pos))
			}
			value += 1 - ap
			count++
		}
		return value / math.Max(1, count)
	}
}

func npairsTwin(v *view) (value float64) {
	var chosen, stands []int
	first := map[int32]bool{}
	own := map[int]bool{}
	for i, label := range v.labels {
		if !first[label] {
			first[label] = true
			chosen = append(chosen, i)
			own[v.own[i]] = true
		}
	}
	first = map[int32]bool{}
	for j, label := range v.columns {
		if !own[j] && !first[label] {
			first[label] = true
			stands = append(stands, j)
		}
	}
	count := 0.0
	for _, i := range chosen {
		p, others := -1, []float64{}
		for _, j := range stands {
			switch v.kind[i][j] {
			case positive:
				p = j
			case negative:
				others = append(others, v.s[i][j])
			}
		}
		if p >= 0 {
			value += softplus(logOf(others, func(x float64) float64 { return x - v.s[i][p] }))
			count++
		}
	}
	return value / math.Max(1, count)
}

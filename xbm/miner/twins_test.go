package miner

import (
	"math"

	"crossbatch/xbm/internal/twin"
)

// extremesOf are how far the farthest and the nearest pair of a kind are apart.
func extremesOf(v *twin.View, i int, kind twin.Kind, isEuclidean bool) (far, near float64) {
	far, near = math.Inf(-1), math.Inf(1)
	for j, s := range v.S[i] {
		if v.Kind[i][j] == kind {
			far, near = math.Max(far, twin.Apart(isEuclidean, s)), math.Min(near, twin.Apart(isEuclidean, s))
		}
	}
	return far, near
}

func multiSimilarityMinerTwin(isEuclidean bool, epsilon float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		return v.Filtered(func(i, j int) bool {
			hardest, _ := extremesOf(v, i, twin.Positive, isEuclidean)
			_, nearest := extremesOf(v, i, twin.Negative, isEuclidean)
			x := twin.Apart(isEuclidean, v.S[i][j])
			if v.Kind[i][j] == twin.Positive {
				return x+epsilon > nearest
			}
			return x-epsilon < hardest
		})
	}
}

func pairMarginTwin(isEuclidean bool, posMargin, negMargin float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		return v.Filtered(func(i, j int) bool {
			s, isPositive := v.S[i][j], v.Kind[i][j] == twin.Positive
			if isEuclidean {
				return isPositive && twin.Distance(s) > posMargin || !isPositive && twin.Distance(s) < negMargin
			}
			return isPositive && s < posMargin || !isPositive && s > negMargin
		})
	}
}

func tripletMinerTwin(kind TripletKind, isEuclidean bool, margin float64) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		base := v.S
		partner := func(i, p, n int) bool {
			farther := twin.Apart(isEuclidean, base[i][n]) - twin.Apart(isEuclidean, base[i][p])
			switch kind {
			case HardTriplets:
				return farther <= 0
			case SemihardTriplets:
				return farther > 0 && farther <= margin
			case EasyTriplets:
				return farther > margin
			}
			return farther <= margin
		}
		times := make([][]int, len(v.S))
		for i := range times {
			times[i] = make([]int, len(v.S[i]))
		}
		v.Triplets(func(i, p, n int) {
			if partner(i, p, n) {
				times[i][p]++
				times[i][n]++
			}
		})
		out := v.Filtered(func(i, j int) bool { return times[i][j] > 0 })
		out.Times, out.Partner = times, partner
		return out
	}
}

func easyHardTwin(pos, neg Strategy) func(v *twin.View) twin.Selection {
	return func(v *twin.View) twin.Selection {
		out := v.Filtered(func(int, int) bool { return false })
		for i := range v.S {
			// choose is the most similar pair of a kind, or the least, within bounds.
			choose := func(kind twin.Kind, most bool, above, below float64) int {
				at := -1
				for j, s := range v.S[i] {
					if v.Kind[i][j] == kind && s > above && s < below && (at < 0 || most && s > v.S[i][at] || !most && s < v.S[i][at]) {
						at = j
					}
				}
				return at
			}
			inf := math.Inf(1)
			p, n := choose(twin.Positive, pos == Easy, -inf, inf), choose(twin.Negative, neg != Easy, -inf, inf)
			if pos == Semihard && n >= 0 {
				p = choose(twin.Positive, false, v.S[i][n], inf)
			}
			if neg == Semihard && p >= 0 {
				n = choose(twin.Negative, true, -inf, v.S[i][p])
			}
			if pos != All && neg != All && (p < 0 || n < 0) {
				continue
			}
			for j, kind := range v.Kind[i] {
				if kind == twin.Positive && (pos == All || j == p) || kind == twin.Negative && (neg == All || j == n) {
					out.Kind[i][j] = kind
				}
			}
		}
		return out
	}
}

// onAxes turns rows (n×dim) to the nearest half-axis, so that similarities are -1, 0
// or 1 to the bit: many are equal, and whole margins are met exactly.
func onAxes(rows []float32, dim int) {
	for ; len(rows) > 0; rows = rows[dim:] {
		row, at := rows[:dim], 0
		for k, x := range row {
			if math.Abs(float64(x)) > math.Abs(float64(row[at])) {
				at = k
			}
		}
		sign := float32(math.Copysign(1, float64(row[at])))
		clear(row)
		row[at] = sign
	}
}

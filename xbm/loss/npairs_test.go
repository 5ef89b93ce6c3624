package loss

import "crossbatch/xbm/internal/twin"

func npairsTwin(v *twin.View, t *terms) {
	var chosen, stands []int
	first := map[int32]bool{}
	own := map[int]bool{}
	for i, label := range v.Labels {
		if !first[label] {
			first[label] = true
			chosen = append(chosen, i)
			own[v.Own[i]] = true
		}
	}
	first = map[int32]bool{}
	for j, label := range v.Columns {
		if !own[j] && !first[label] {
			first[label] = true
			stands = append(stands, j)
		}
	}
	t.anchors = len(chosen)
	for _, i := range chosen {
		p, others := -1, []float64{}
		for _, j := range stands {
			switch v.Kind[i][j] {
			case twin.Positive:
				p = j
			case twin.Negative:
				others = append(others, v.S[i][j])
			}
		}
		if p >= 0 {
			value := softplus(twin.Log(others, func(x float64) float64 { return x - v.S[i][p] }))
			t.add(0, value, value > leastLog)
		}
	}
}

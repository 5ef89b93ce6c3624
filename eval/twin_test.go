package eval

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

// twin scores by the definitions alone: for each query a full sort of all that it is
// compared with, with loops over pairs for what is right and what is left out.
type twin struct {
	r       Retrieval
	gallery []float32
	labels  [][]int32
	cameras []int32
}

func newTwin(r Retrieval) twin {
	w := twin{r: r}
	sets := func(labels []int32, several [][]int32) [][]int32 {
		for _, l := range labels {
			several = append(several, []int32{l})
		}
		return several
	}
	w.r.QuerySets = sets(r.QueryLabels, r.QuerySets)
	if w.gallery, w.labels, w.cameras = r.Gallery, sets(r.GalleryLabels, r.GallerySets), r.GalleryCameras; r.Gallery == nil {
		w.gallery, w.labels, w.cameras = r.Queries, w.r.QuerySets, r.QueryCameras
	}
	return w
}

func (w twin) row(x []float32, i int) []float32 { return x[i*w.r.Dim : (i+1)*w.r.Dim] }

func (w twin) distance(q, g int) float64 {
	a, b := w.row(w.r.Queries, q), w.row(w.gallery, g)
	var dot, aa, bb, square float64
	for k := range a {
		x, y := float64(a[k]), float64(b[k])
		dot, aa, bb, square = dot+x*y, aa+x*x, bb+y*y, square+(x-y)*(x-y)
	}
	if w.r.Distance == Cosine {
		return 1 - dot/math.Sqrt(aa*bb)
	}
	return square
}

// visible is the ranking of query q, each row with whether it is right.
func (w twin) visible(q int) (right []bool) {
	type ranked struct {
		distance float64
		right    bool
	}
	var all []ranked
	for g := range w.labels {
		if w.r.Gallery == nil && g == q || w.r.Junk != nil && w.r.Junk[g] {
			continue
		}
		same := slices.ContainsFunc(w.labels[g], func(l int32) bool { return slices.Contains(w.r.QuerySets[q], l) })
		if same && w.cameras != nil && w.cameras[g] == w.r.QueryCameras[q] && w.cameras[g] >= 0 {
			continue
		}
		all = append(all, ranked{w.distance(q, g), same})
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		return cmp.Compare(a.distance, b.distance)
	})
	for _, x := range all {
		right = append(right, x.right)
	}
	return right
}

// scores by name; those of classes with "class ".
func (w twin) scores() map[string]float64 {
	each := map[string][]float64{} // by name, one a query
	var labels [][]int32
	skipped := 0.0
	for q := range w.r.QuerySets {
		if w.r.Gallery == nil && w.r.Junk != nil && w.r.Junk[q] {
			continue
		}
		right := w.visible(q)
		R := 0.0
		for _, is := range right {
			if is {
				R++
			}
		}
		if R == 0 {
			skipped++
			continue
		}
		labels = append(labels, w.r.QuerySets[q])
		var hits, ap, apr, area, first, lastPrecision float64
		for i, is := range right {
			rank := float64(i + 1)
			if is {
				hits++
				if first == 0 {
					first = rank
				}
				ap += hits / rank / R
				if rank <= R {
					apr += hits / rank / R
				}
				before := 1.0 // the precision one rank up, as the authors' program has it
				if i > 0 {
					before = lastPrecision
				}
				area += (before + hits/rank) / 2 / R
			}
			lastPrecision = hits / rank
		}
		add := func(name string, x float64) { each[name] = append(each[name], x) }
		add("map", ap)
		add("map@r", apr)
		add("trapezoid", area)
		add("mrr", 1/first)
		for _, k := range w.r.Ranks {
			x := 0.0
			if first <= float64(k) {
				x = 1
			}
			add("recall@"+string(rune('0'+k)), x)
		}
	}
	out := map[string]float64{"queries": float64(len(labels)), "skipped": skipped}
	mean := func(x []float64) (m float64) {
		for _, v := range x {
			m += v / float64(len(x))
		}
		return m
	}
	for name, x := range each {
		out[name] = mean(x)
		of := map[int32][]float64{}
		for i, set := range labels {
			for _, l := range set {
				of[l] = append(of[l], x[i])
			}
		}
		var classes []float64
		for _, v := range of {
			classes = append(classes, mean(v))
		}
		out["class "+name] = mean(classes)
	}
	return out
}

func numbersOf(s Scores) map[string]float64 {
	out := map[string]float64{"queries": float64(s.Queries), "skipped": float64(s.Skipped)}
	for prefix, m := range map[string]Means{"": s.Means, "class ": *s.ClassMeans} {
		out[prefix+"map"], out[prefix+"map@r"], out[prefix+"mrr"] = *m.MAP, m.MAPAtR, *m.MRR
		if m.MAPTrapezoidal != nil {
			out[prefix+"trapezoid"] = *m.MAPTrapezoidal
		}
		for _, r := range m.Recall {
			out[prefix+"recall@"+string(rune('0'+r.K))] = r.Share
		}
	}
	return out
}

func labelSetsOf(rng *rand.Rand, n, classes int) [][]int32 {
	sets := make([][]int32, n)
	for i := range sets {
		for range rng.IntN(4) {
			if l := int32(rng.IntN(classes)); !slices.Contains(sets[i], l) {
				sets[i] = append(sets[i], l)
			}
		}
	}
	return sets
}

// kindOfCosine tells of rows whose cosines have no ties but those of equal rows, so
// that rounding can't settle them otherwise here than there.
func kindOfCosine(x []float32, dim int) bool {
	if dim < 2 {
		return false
	}
	for _, v := range x {
		if v == 0 || v == 1 || v > 50 {
			return false
		}
	}
	return true
}

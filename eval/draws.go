package eval

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
)

// Draws are scores over repeated draws of a gallery: one row of each class is drawn for
// it, and all others are queries.
//
//	Hongye Liu, Yonghong Tian, Yaowei Wang, Lu Pang, Tiejun Huang. Deep Relative
//	Distance Learning: Tell the Difference Between Similar Vehicles. CVPR 2016.
//	https://doi.org/10.1109/CVPR.2016.238 (section 5.2: VehicleID, ten draws)
type Draws struct {
	Draws int   `json:"draws"`
	Mean  Means `json:"mean"` // over the draws
	// Half is half the width of the 95 % confidence interval of each mean, by Student's
	// t: how far it depends on the draws.
	Half    Means `json:"half_width"`
	Queries int   `json:"queries"` // of each draw
	Gallery int   `json:"gallery"`
}

// Draws scores r, which has no gallery of its own, over so many draws of one by r.Seed.
func (r Retrieval) Draws(draws int) (Draws, error) {
	switch {
	case draws < 2:
		return Draws{}, fmt.Errorf("eval: %d draws of a gallery: give at least 2, for an interval", draws)
	case !r.alone() || r.several() || r.QueryCameras != nil || r.Junk != nil:
		return Draws{}, errors.New("eval: draws of a gallery: give rows of one label each, without a gallery, cameras or junk of their own")
	}
	if err := r.check(); err != nil {
		return Draws{}, err
	}
	classes := ByClass(r.QueryLabels)
	if len(classes) == r.queries() {
		return Draws{}, ErrNoPartner
	}
	d := Draws{Draws: draws, Gallery: len(classes), Queries: r.queries() - len(classes)}
	var all []Means
	for i := range draws {
		rng := rand.New(rand.NewPCG(r.Seed, uint64(i)))
		held := make([]int, len(classes))
		for c, rows := range classes {
			held[c] = rows[rng.IntN(len(rows))]
		}
		slices.Sort(held)
		one := Retrieval{Dim: r.Dim, Distance: r.Distance, Ranks: r.Ranks, Full: r.Full}
		for q := range r.queries() {
			row, label := r.Queries[q*r.Dim:(q+1)*r.Dim], r.QueryLabels[q]
			if _, is := slices.BinarySearch(held, q); is {
				one.Gallery, one.GalleryLabels = append(one.Gallery, row...), append(one.GalleryLabels, label)
			} else {
				one.Queries, one.QueryLabels = append(one.Queries, row...), append(one.QueryLabels, label)
			}
		}
		s, err := one.Score()
		if err != nil {
			return d, err
		}
		all = append(all, s.Means)
		if r.Progress != nil {
			r.Progress(i+1, draws)
		}
	}
	d.Mean, d.Half = r.means(nil, []int{}), r.means(nil, []int{})
	mean, half, sample := d.Mean.numbers(), d.Half.numbers(), make([]float64, draws)
	for k := range mean {
		for i := range all {
			sample[i] = *all[i].numbers()[k]
		}
		*mean[k], *half[k] = Interval(sample)
	}
	return d, nil
}

package finder

import (
	"context"
	"fmt"

	"crossbatch/eval/report"
	"crossbatch/trainer/run"
)

// Space is the look at a part of a run's images that a report shows: at most most of them,
// evenly spaced. The run is called name.
func Space(ctx context.Context, m *run.Model, part string, most int, name string) (*report.Space, error) {
	if most < 1 {
		return nil, fmt.Errorf("finder: a map of %d images: give 1 or more", most)
	}
	all, err := m.Part(part)
	if err != nil {
		return nil, err
	}
	some := all
	if n := len(all); n > most {
		some = make([]int, most)
		for i := range some {
			some[i] = all[i*n/most]
		}
	}
	embeddings, err := m.Embed(ctx, some)
	if err != nil {
		return nil, err
	}
	s := &report.Space{Of: fmt.Sprintf("the %s images of %s by %s", part, m.Config.Data.Set, name)}
	set, kinds := m.Set(), map[string]int32{}
	names := NamesOf(set)
	for _, i := range some {
		s.Map.Add(i, names[i], set.ClassNames[set.Labels[i]], kinds)
		s.Pictures = append(s.Pictures, set.Image(i))
	}
	return s, s.Map.LayOut(embeddings, m.Net.Dim(), 1)
}

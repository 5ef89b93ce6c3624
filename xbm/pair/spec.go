package pair

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Names lists the losses that [Parse] knows, with their parameters and defaults.
func Names() []string {
	return []string{
		"contrastive:distance=cosine,pos_margin=1,neg_margin=0.5",
		"contrastive:distance=euclidean,pos_margin=0,neg_margin=1",
		"multi-similarity:alpha=2,beta=50,base=0.5",
		"nt-xent:temperature=0.07",
		"supcon:temperature=0.1",
		"generalized-lifted:pos_margin=0,neg_margin=1",
		"margin:margin=0.2,beta=1.2",
		"tuplet-margin:margin_degrees=5.73,scale=64",
		"intra-pair-variance:pos_eps=0.01,neg_eps=0.01",
		"nca:softmax_scale=1",
	}
}

// Parse returns the loss that a text names: its name, then, after a colon,
// parameters that differ from their defaults, as in
// "contrastive:distance=euclidean,neg_margin=0.8". Unknown names and
// parameters, and values out of range, are refused with what is known.
func Parse(spec string) (Loss, error) {
	name, list, _ := strings.Cut(spec, ":")
	p := params{}
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		key, value, found := strings.Cut(item, "=")
		if !found || value == "" {
			return nil, fmt.Errorf("pair: loss %q: %q is no parameter: write name=value", spec, item)
		}
		if _, twice := p[key]; twice {
			return nil, fmt.Errorf("pair: loss %q: parameter %s is given twice", spec, key)
		}
		p[key] = value
	}
	loss, err := p.loss(name)
	if err != nil {
		return nil, fmt.Errorf("pair: loss %q: %w", spec, err)
	}
	return loss, nil
}

// params are the parameters that have not been used yet.
type params map[string]string

func (p params) loss(name string) (Loss, error) {
	type numbers = map[string]*float64
	switch name {
	case "contrastive":
		distance, err := p.choice("distance", "cosine", "euclidean")
		if err != nil {
			return nil, err
		}
		l := NewContrastive(distance == "euclidean")
		return finish(p, l, numbers{"pos_margin": &l.PosMargin, "neg_margin": &l.NegMargin})
	case "multi-similarity":
		l := NewMultiSimilarity()
		return finish(p, l, numbers{"alpha": &l.Alpha, "beta": &l.Beta, "base": &l.Base})
	case "nt-xent":
		l := &NTXent{Temperature: 0.07}
		return finish(p, l, numbers{"temperature": &l.Temperature})
	case "supcon":
		l := &SupCon{Temperature: 0.1}
		return finish(p, l, numbers{"temperature": &l.Temperature})
	case "generalized-lifted":
		l := &GeneralizedLifted{NegMargin: 1}
		return finish(p, l, numbers{"pos_margin": &l.PosMargin, "neg_margin": &l.NegMargin})
	case "margin":
		l := NewMargin()
		return finish(p, l, numbers{"margin": &l.Margin, "beta": &l.Beta})
	case "tuplet-margin":
		l := NewTupletMargin()
		return finish(p, l, numbers{"margin_degrees": &l.Margin, "scale": &l.Scale})
	case "intra-pair-variance":
		l := &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01}
		return finish(p, l, numbers{"pos_eps": &l.PosEpsilon, "neg_eps": &l.NegEpsilon})
	case "nca":
		l := &NCA{Scale: 1}
		return finish(p, l, numbers{"softmax_scale": &l.Scale})
	}
	return nil, fmt.Errorf("there is no such loss: known are %s", strings.Join(Names(), " "))
}

// finish sets the numbers that are left among p, and checks the loss that they
// belong to.
func finish[L interface {
	Loss
	Validate() error
}](p params, l L, into map[string]*float64) (Loss, error) {
	if err := p.numbers(into); err != nil {
		return nil, err
	}
	return l, l.Validate()
}

// choice takes the parameter key, which is one of the values; the first is the
// default.
func (p params) choice(key string, values ...string) (string, error) {
	v, given := p[key]
	delete(p, key)
	if !given {
		return values[0], nil
	}
	if !slices.Contains(values, v) {
		return "", fmt.Errorf("%s is %q: give one of %s", key, v, strings.Join(values, ", "))
	}
	return v, nil
}

// numbers takes the parameters that are left, all of them numbers.
func (p params) numbers(into map[string]*float64) error {
	for _, key := range slices.Sorted(maps.Keys(p)) {
		target, known := into[key]
		if !known {
			return fmt.Errorf("there is no parameter %s: known are %s", key,
				strings.Join(slices.Sorted(maps.Keys(into)), ", "))
		}
		v, err := strconv.ParseFloat(p[key], 64)
		if err != nil {
			return fmt.Errorf("%s is %q: give a number", key, p[key])
		}
		*target = v
	}
	return nil
}

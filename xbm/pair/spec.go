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
	switch name {
	case "contrastive":
		distance, err := p.choice("distance", "cosine", "euclidean")
		if err != nil {
			return nil, err
		}
		l := NewContrastive(distance == "euclidean")
		if err := p.numbers(map[string]*float64{"pos_margin": &l.PosMargin, "neg_margin": &l.NegMargin}); err != nil {
			return nil, err
		}
		return l, l.Validate()
	case "multi-similarity":
		l := NewMultiSimilarity()
		if err := p.numbers(map[string]*float64{"alpha": &l.Alpha, "beta": &l.Beta, "base": &l.Base}); err != nil {
			return nil, err
		}
		return l, l.Validate()
	case "nt-xent":
		l := &NTXent{Temperature: 0.07}
		if err := p.numbers(map[string]*float64{"temperature": &l.Temperature}); err != nil {
			return nil, err
		}
		return l, l.Validate()
	case "supcon":
		l := &SupCon{Temperature: 0.1}
		if err := p.numbers(map[string]*float64{"temperature": &l.Temperature}); err != nil {
			return nil, err
		}
		return l, l.Validate()
	}
	return nil, fmt.Errorf("there is no such loss: known are %s", strings.Join(Names(), " "))
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

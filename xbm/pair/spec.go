package pair

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Parse returns the loss that a text names: its name, then, after a colon,
// parameters that differ from their defaults, as in
// "contrastive:distance=euclidean,neg_margin=0.8". Unknown names and
// parameters, and values out of range, are refused with what is known.
func Parse(spec string) (Loss, error) {
	all := slices.Concat(losses(), classLosses())
	return parse("loss", all, spec)
}

// ParseMined returns the loss that a text names, as [Parse], with the miner that
// another one names in the same way; "" and "none" are no miner. A miner of
// triplets measures by the loss's distance unless it is told otherwise. source is where its chance
// comes from; it may be nil for miners that need none.
func ParseMined(loss, miner string, source *rand.PCG) (Loss, error) {
	l, err := Parse(loss)
	if err != nil || miner == "" || miner == "none" {
		return l, err
	}
	if _, ok := l.(ClassLoss); ok {
		return nil, fmt.Errorf("pair: loss %q has weights for classes and takes no miner: give miner none", loss)
	}
	distance := cosine
	if e, ok := l.(interface{ euclidean() bool }); ok && e.euclidean() {
		distance = euclidean
	}
	m, err := parse("miner", miners(distance, source), miner)
	if err != nil {
		return nil, err
	}
	if d, ok := m.(*DistanceWeightedMiner); ok && d.Source == nil {
		return nil, fmt.Errorf("pair: miner %q: it draws at random and needs a source", miner)
	}
	return &Mined{Miner: m, Loss: l}, nil
}

// Names lists the pair losses that [Parse] knows, with their parameters and
// defaults.
func Names() []string { return names(losses()) }

// ClassNames lists the losses with class weights that [Parse] knows, see
// [ClassLoss].
func ClassNames() []string { return names(classLosses()) }

// MinerNames lists the miners that [ParseMined] knows.
func MinerNames() []string { return append([]string{"none"}, names(miners(cosine, nil))...) }

// named is a loss or a miner that a text can name.
type named[T any] struct {
	name string
	// distances are the ones to choose from, the first by default; nil: none.
	distances []string
	// build returns it with its defaults, and where its parameters are.
	build func(distance string) (T, []field)
}

const (
	cosine    = "cosine"
	euclidean = "euclidean"
)

// field is a parameter: at is a *float64, *int, *bool or *Strategy.
type field struct {
	key string
	at  any
}

func (f field) set(text string) (err error) {
	switch at := f.at.(type) {
	case *float64:
		if *at, err = strconv.ParseFloat(text, 64); err != nil {
			return fmt.Errorf("%s is %q: give a number", f.key, text)
		}
	case *int:
		// References write whole numbers with a point.
		whole, err := strconv.ParseFloat(text, 64)
		if *at = int(whole); err != nil || float64(*at) != whole {
			return fmt.Errorf("%s is %q: give a whole number", f.key, text)
		}
	case *bool:
		if *at, err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("%s is %q: give true or false", f.key, text)
		}
	case *Strategy:
		*at = Strategy(slices.Index(strategies(), text))
		if *at < 0 {
			return fmt.Errorf("%s is %q: give one of %s", f.key, text, strings.Join(strategies(), ", "))
		}
	}
	return nil
}

func (f field) String() string {
	switch at := f.at.(type) {
	case *float64:
		return fmt.Sprintf("%s=%g", f.key, *at)
	case *int:
		return fmt.Sprintf("%s=%d", f.key, *at)
	case *bool:
		return fmt.Sprintf("%s=%t", f.key, *at)
	case *Strategy:
		return fmt.Sprintf("%s=%s", f.key, strategies()[*at])
	}
	return f.key
}

// strategies are the names, by number.
func strategies() []string { return []string{"hard", "semihard", "easy", "all"} }

func names[T any](all []named[T]) (list []string) {
	for _, n := range all {
		distances := n.distances
		if distances == nil {
			distances = []string{""}
		}
		for _, d := range distances {
			_, fields := n.build(d)
			var texts []string
			if d != "" {
				texts = append(texts, "distance="+d)
			}
			for _, f := range fields {
				texts = append(texts, f.String())
			}
			text := n.name
			if len(texts) > 0 {
				text += ":" + strings.Join(texts, ",")
			}
			list = append(list, text)
		}
	}
	return list
}

// parse builds what spec names; kind is what it is, for errors.
func parse[T any](kind string, all []named[T], spec string) (built T, err error) {
	wrap := func(err error) (T, error) {
		var none T
		return none, fmt.Errorf("pair: %s %q: %w", kind, spec, err)
	}
	name, list, _ := strings.Cut(spec, ":")
	at := slices.IndexFunc(all, func(n named[T]) bool { return n.name == name })
	if at < 0 {
		known := []string{}
		for _, n := range all {
			known = append(known, n.name)
		}
		return wrap(fmt.Errorf("there is no such %s: known are %s", kind, strings.Join(known, ", ")))
	}
	n := all[at]
	given, err := parameters(list)
	if err != nil {
		return wrap(err)
	}
	distance := ""
	if n.distances != nil {
		distance = n.distances[0]
	}
	for _, g := range given {
		if g.key == "distance" && n.distances != nil {
			if distance = g.value; !slices.Contains(n.distances, distance) {
				return wrap(fmt.Errorf("distance is %q: give one of %s", distance, strings.Join(n.distances, ", ")))
			}
		}
	}
	built, fields := n.build(distance)
	for _, g := range given {
		if g.key == "distance" && n.distances != nil {
			continue
		}
		k := slices.IndexFunc(fields, func(f field) bool { return f.key == g.key })
		if k < 0 {
			return wrap(unknownParameter(g.key, fields, n.distances != nil))
		}
		if err := fields[k].set(g.value); err != nil {
			return wrap(err)
		}
	}
	if v, ok := any(built).(interface{ Validate() error }); ok {
		if err := v.Validate(); err != nil {
			var none T
			return none, err
		}
	}
	return built, nil
}

func unknownParameter(key string, fields []field, distance bool) error {
	var known []string
	if distance {
		known = append(known, "distance")
	}
	for _, f := range fields {
		known = append(known, f.key)
	}
	if known == nil {
		return fmt.Errorf("there is no parameter %s: it has none", key)
	}
	return fmt.Errorf("there is no parameter %s: known are %s", key, strings.Join(known, ", "))
}

type setting struct{ key, value string }

// parameters takes a list apart: name=value,name=value.
func parameters(list string) (given []setting, err error) {
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		key, value, found := strings.Cut(item, "=")
		if !found || value == "" {
			return nil, fmt.Errorf("%q is no parameter: write name=value", item)
		}
		if slices.ContainsFunc(given, func(g setting) bool { return g.key == key }) {
			return nil, fmt.Errorf("parameter %s is given twice", key)
		}
		given = append(given, setting{key, value})
	}
	return given, nil
}

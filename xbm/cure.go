package xbm

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Cure is a cure of drift: at most one of the two.
type Cure struct {
	Norm  *CrossBatchNorm    // for [MemoryConfig]
	Drift *DriftCompensation // to be applied by whoever has the network
}

// The names of cures.
const (
	cureNone = "none"
	cureXBN  = "xbn"
	cureAXBN = "axbn"
	cureSDC  = "sdc"
)

// CureNames lists what [ParseCure] knows, with parameters and defaults.
func CureNames() []string {
	return []string{cureNone, cureXBN, defaultAdaptiveNorm().String(), defaultCompensation().String()}
}

func defaultAdaptiveNorm() CrossBatchNorm { return CrossBatchNorm{Process: 0.1, Measurement: 1} }

func defaultCompensation() DriftCompensation {
	return DriftCompensation{Probes: 256, Every: 50, Sigma: 0.3}
}

// ParseCure returns the cure that a text names: its name, then, after a colon,
// parameters that differ from their defaults, as in "axbn:process=0.1". "" and
// "none" are no cure.
func ParseCure(text string) (Cure, error) {
	name, list, _ := strings.Cut(text, ":")
	var c Cure
	var parameters []cureParameter
	switch name {
	case "", cureNone:
	case cureXBN:
		c.Norm = &CrossBatchNorm{}
	case cureAXBN:
		norm := defaultAdaptiveNorm()
		c.Norm = &norm
		parameters = []cureParameter{{"process", &norm.Process}, {"measurement", &norm.Measurement}}
	case cureSDC:
		drift := defaultCompensation()
		c.Drift = &drift
		parameters = []cureParameter{{"probes", &drift.Probes}, {"every", &drift.Every}, {"sigma", &drift.Sigma}}
	default:
		return c, fmt.Errorf("xbm: there is no cure %q: known are %s", text, strings.Join(CureNames(), ", "))
	}
	for item := range strings.SplitSeq(list, ",") {
		if item == "" {
			continue
		}
		key, value, _ := strings.Cut(item, "=")
		at := slices.IndexFunc(parameters, func(p cureParameter) bool { return p.name == key })
		if at < 0 {
			return Cure{}, fmt.Errorf("xbm: cure %q: there is no parameter %q: known are %s", text, key, strings.Join(CureNames(), ", "))
		}
		if err := parameters[at].set(value); err != nil {
			return Cure{}, fmt.Errorf("xbm: cure %q: %w", text, err)
		}
	}
	if c.Norm != nil {
		return c, c.Norm.validate()
	}
	if c.Drift != nil {
		return c, c.Drift.validate()
	}
	return c, nil
}

// cureParameter is a parameter: at is a *float64 or an *int.
type cureParameter struct {
	name string
	at   any
}

func (p cureParameter) set(text string) (err error) {
	switch at := p.at.(type) {
	case *float64:
		if *at, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(*at) {
			return fmt.Errorf("%s is %q: give a number", p.name, text)
		}
	case *int:
		if *at, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("%s is %q: give a whole number", p.name, text)
		}
	}
	return nil
}

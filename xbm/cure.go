package xbm

import "crossbatch/xbm/spec"

// Cure is a cure of drift: at most one of the two.
type Cure struct {
	Norm  *CrossBatchNorm    // for [MemoryConfig]
	Drift *DriftCompensation // to be applied by whoever has the network
}

// Validate returns an error that names the first parameter out of its range.
func (c Cure) Validate() error {
	if c.Norm != nil {
		if err := c.Norm.validate(); err != nil {
			return err
		}
	}
	if c.Drift != nil {
		return c.Drift.validate()
	}
	return nil
}

// The names of cures.
const (
	cureNone = "none"
	cureXBN  = "xbn"
	cureAXBN = "axbn"
	cureSDC  = "sdc"
)

// CureNames lists what [ParseCure] knows, with parameters and defaults.
func CureNames() []string { return cures().Names() }

// ParseCure returns the cure that a text names: its name, then, after a colon,
// parameters that differ from their defaults, as in "axbn:process=0.1". "" and
// "none" are no cure.
func ParseCure(text string) (Cure, error) {
	if text == "" {
		return Cure{}, nil
	}
	return cures().Parse(text)
}

// cures are what a text can name.
func cures() spec.Table[Cure] {
	return spec.Table[Cure]{Kind: "cure", Entries: []spec.Entry[Cure]{
		{Name: cureNone, New: func(string) (Cure, []spec.Field) { return Cure{}, nil }},
		{Name: cureXBN, New: func(string) (Cure, []spec.Field) { return Cure{Norm: &CrossBatchNorm{}}, nil }},
		{Name: cureAXBN, New: func(string) (Cure, []spec.Field) {
			norm := &CrossBatchNorm{Process: 0.1, Measurement: 1}
			return Cure{Norm: norm}, norm.fields()
		}},
		{Name: cureSDC, New: func(string) (Cure, []spec.Field) {
			drift := &DriftCompensation{Probes: 256, Every: 50, Sigma: 0.3}
			return Cure{Drift: drift}, drift.fields()
		}},
	}}
}

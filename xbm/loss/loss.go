// Package loss holds the pair-based losses of deep metric learning, and losses
// between a batch and learned class weights.
//
// Each loss is a [pair.Loss]: a weighting of pairs by their cosine similarities,
// against the batch itself or against a memory of any size. Its comment states the
// formula, the source and every departure from it. Most are [pair.Fast] too. Losses
// with class weights are [pair.ClassLoss].
//
// A loss is a struct of its parameters; its zero value is not ready, unless it says
// so. Validate tells of a parameter out of its range. [Parse] makes a loss from a
// text, with the usual parameters as defaults:
//
//	l, err := loss.Parse("contrastive:distance=euclidean,neg_margin=0.8")
//
// A loss serves one term and one step at a time.
//
// Not here: miners (package xbm/miner), the memory (package xbm).
package loss

import (
	"slices"

	"crossbatch/xbm/pair"
	"crossbatch/xbm/spec"
)

const kind = "loss"

// The distances that a loss can be of.
const (
	cosine    = "cosine"
	euclidean = "euclidean"
)

// Parse returns the loss that a text names: its name, then, after a colon,
// parameters that differ from their defaults. Unknown names and parameters, and
// values out of range, are refused with what is known.
func Parse(text string) (pair.Loss, error) {
	t := table(pairLosses())
	t.Entries = slices.Concat(pairLosses(), classLosses())
	return t.Parse(text)
}

// Names lists the losses of pairs that [Parse] knows, with their parameters and
// defaults.
func Names() []string { return table(pairLosses()).Names() }

// ClassNames lists the losses with class weights that [Parse] knows, see
// [pair.ClassLoss].
func ClassNames() []string { return table(classLosses()).Names() }

type entry = spec.Entry[pair.Loss]

func table(entries []entry) spec.Table[pair.Loss] {
	return spec.Table[pair.Loss]{Kind: kind, Entries: entries}
}

// named is an entry for a loss that make returns with its usual parameters.
func named[L interface {
	pair.Loss
	fields() []spec.Field
}](name string, build func() L) entry {
	return entry{Name: name, New: func(string) (pair.Loss, []spec.Field) {
		l := build()
		return l, l.fields()
	}}
}

// pairLosses are the losses of pairs that a text can name.
func pairLosses() []entry {
	return []entry{
		{Name: "contrastive", Variants: []string{cosine, euclidean}, New: func(distance string) (pair.Loss, []spec.Field) {
			l := NewContrastive(distance == euclidean)
			return l, l.fields()
		}},
		{Name: "triplet", Variants: []string{euclidean, cosine}, New: func(distance string) (pair.Loss, []spec.Field) {
			l := NewTriplet(distance == euclidean)
			return l, l.fields()
		}},
		named("multi-similarity", NewMultiSimilarity),
		named("nt-xent", func() *NTXent { return &NTXent{Temperature: 0.07} }),
		named("supcon", func() *SupCon { return &SupCon{Temperature: 0.1} }),
		named("circle", func() *Circle { return &Circle{M: 0.4, Gamma: 80} }),
		named("lifted", func() *Lifted { return &Lifted{NegMargin: 1} }),
		named("generalized-lifted", func() *GeneralizedLifted { return &GeneralizedLifted{NegMargin: 1} }),
		named("margin", NewMargin),
		named("tuplet-margin", NewTupletMargin),
		named("intra-pair-variance", func() *IntraPairVariance { return &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01} }),
		named("snr-contrastive", func() *SNRContrastive { return &SNRContrastive{NegMargin: 1} }),
		named("angular", func() *Angular { return &Angular{Alpha: 40} }),
		named("nca", func() *NCA { return &NCA{Scale: 1} }),
		named("n-pairs", func() *NPairs { return &NPairs{} }),
		named("fast-ap", func() *FastAP { return &FastAP{Bins: 10} }),
		named("histogram", func() *Histogram { return &Histogram{Bins: 100} }),
		named("smooth-ap", func() *SmoothAP { return &SmoothAP{Temperature: 0.01} }),
	}
}

// classLosses are the losses with class weights that a text can name.
func classLosses() []entry {
	return []entry{
		named("normalized-softmax", func() *NormalizedSoftmax { return &NormalizedSoftmax{NTXent{Temperature: 0.05}} }),
		{Name: "cosface", New: func(string) (pair.Loss, []spec.Field) {
			l := &MarginSoftmax{Scale: 64, CosineMargin: 0.35}
			return l, l.cosFaceFields()
		}},
		{Name: "arcface", New: func(string) (pair.Loss, []spec.Field) {
			l := &MarginSoftmax{Scale: 64, AngleMargin: 28.6}
			return l, l.arcFaceFields()
		}},
		named("soft-triple", func() *SoftTriple { return &SoftTriple{Centers: 10, Scale: 20, Gamma: 0.1, Margin: 0.01} }),
		named("proxy-nca", func() *ProxyNCA { return &ProxyNCA{NCA{Scale: 1}} }),
		named("proxy-anchor", func() *ProxyAnchor { return &ProxyAnchor{Margin: 0.1, Alpha: 32} }),
	}
}

package pair

import (
	"math/rand/v2"
	"slices"
)

// losses are the pair losses that a text can name.
func losses() []named[Loss] {
	either := []string{cosine, euclidean}
	return []named[Loss]{
		{"contrastive", either, func(distance string) (Loss, []field) {
			l := NewContrastive(distance == euclidean)
			return l, []field{{"pos_margin", &l.PosMargin}, {"neg_margin", &l.NegMargin}}
		}},
		{"triplet", []string{euclidean, cosine}, func(distance string) (Loss, []field) {
			l := &Triplet{Euclidean: distance == euclidean, Margin: 0.05}
			if !l.Euclidean {
				l.Margin = 0.1
			}
			return l, []field{{"margin", &l.Margin}, {"smooth", &l.Smooth}, {"swap", &l.Swap}}
		}},
		{"multi-similarity", nil, func(string) (Loss, []field) {
			l := NewMultiSimilarity()
			return l, []field{{"alpha", &l.Alpha}, {"beta", &l.Beta}, {"base", &l.Base}}
		}},
		{"nt-xent", nil, func(string) (Loss, []field) {
			l := &NTXent{Temperature: 0.07}
			return l, []field{{"temperature", &l.Temperature}}
		}},
		{"supcon", nil, func(string) (Loss, []field) {
			l := &SupCon{Temperature: 0.1}
			return l, []field{{"temperature", &l.Temperature}}
		}},
		{"circle", nil, func(string) (Loss, []field) {
			l := &Circle{M: 0.4, Gamma: 80}
			return l, []field{{"m", &l.M}, {"gamma", &l.Gamma}}
		}},
		{"lifted", nil, func(string) (Loss, []field) {
			l := &Lifted{NegMargin: 1}
			return l, []field{{"pos_margin", &l.PosMargin}, {"neg_margin", &l.NegMargin}}
		}},
		{"generalized-lifted", nil, func(string) (Loss, []field) {
			l := &GeneralizedLifted{NegMargin: 1}
			return l, []field{{"pos_margin", &l.PosMargin}, {"neg_margin", &l.NegMargin}}
		}},
		{"margin", nil, func(string) (Loss, []field) {
			l := NewMargin()
			return l, []field{{"margin", &l.Margin}, {"beta", &l.Beta}, {"learn_beta", &l.LearnBeta}, {"nu", &l.Nu}}
		}},
		{"tuplet-margin", nil, func(string) (Loss, []field) {
			l := NewTupletMargin()
			return l, []field{{"margin_degrees", &l.Margin}, {"scale", &l.Scale}}
		}},
		{"intra-pair-variance", nil, func(string) (Loss, []field) {
			l := &IntraPairVariance{PosEpsilon: 0.01, NegEpsilon: 0.01}
			return l, []field{{"pos_eps", &l.PosEpsilon}, {"neg_eps", &l.NegEpsilon}}
		}},
		{"snr-contrastive", nil, func(string) (Loss, []field) {
			l := &SNRContrastive{NegMargin: 1}
			return l, []field{{"pos_margin", &l.PosMargin}, {"neg_margin", &l.NegMargin}}
		}},
		{"angular", nil, func(string) (Loss, []field) {
			l := &Angular{Alpha: 40}
			return l, []field{{"alpha_degrees", &l.Alpha}, {"raw_negatives", &l.RawNegatives}}
		}},
		{"nca", nil, func(string) (Loss, []field) {
			l := &NCA{Scale: 1}
			return l, []field{{"softmax_scale", &l.Scale}}
		}},
		{"n-pairs", nil, func(string) (Loss, []field) { return &NPairs{}, nil }},
		{"fast-ap", nil, func(string) (Loss, []field) {
			l := &FastAP{Bins: 10}
			return l, []field{{"bins", &l.Bins}}
		}},
		{"histogram", nil, func(string) (Loss, []field) {
			l := &Histogram{Bins: 100}
			return l, []field{{"bins", &l.Bins}}
		}},
		{"smooth-ap", nil, func(string) (Loss, []field) {
			l := &SmoothAP{Temperature: 0.01}
			return l, []field{{"temperature", &l.Temperature}}
		}},
	}
}

// classLosses are the losses with class weights that a text can name.
func classLosses() []named[Loss] {
	return []named[Loss]{
		{"normalized-softmax", nil, func(string) (Loss, []field) {
			l := &NormalizedSoftmax{NTXent{Temperature: 0.05}}
			return l, []field{{"temperature", &l.Temperature}}
		}},
		{"cosface", nil, func(string) (Loss, []field) {
			l := &MarginSoftmax{Scale: 64, CosineMargin: 0.35}
			return l, []field{{"margin", &l.CosineMargin}, {"scale", &l.Scale}}
		}},
		{"arcface", nil, func(string) (Loss, []field) {
			l := &MarginSoftmax{Scale: 64, AngleMargin: 28.6}
			return l, []field{{"margin_degrees", &l.AngleMargin}, {"scale", &l.Scale}}
		}},
		{"soft-triple", nil, func(string) (Loss, []field) {
			l := &SoftTriple{Centers: 10, Scale: 20, Gamma: 0.1, Margin: 0.01}
			return l, []field{{"centers", &l.Centers}, {"la", &l.Scale}, {"gamma", &l.Gamma}, {"margin", &l.Margin}}
		}},
		{"proxy-nca", nil, func(string) (Loss, []field) {
			l := &ProxyNCA{NCA{Scale: 1}}
			return l, []field{{"softmax_scale", &l.Scale}, {"without_positives", &l.WithoutPositives}}
		}},
		{"proxy-anchor", nil, func(string) (Loss, []field) {
			l := &ProxyAnchor{Margin: 0.1, Alpha: 32}
			return l, []field{{"margin", &l.Margin}, {"alpha", &l.Alpha}}
		}},
	}
}

// miners are what a text can name, for a loss of the given distance; chance comes
// from source.
func miners(distance string, source *rand.PCG) []named[Miner] {
	ofLoss := []string{cosine, euclidean}
	if distance == euclidean {
		slices.Reverse(ofLoss)
	}
	triplets := func(kind TripletKind) func(string) (Miner, []field) {
		return func(distance string) (Miner, []field) {
			m := &TripletMiner{Kind: kind, Margin: 0.2, Euclidean: distance == euclidean}
			return m, []field{{"margin", &m.Margin}}
		}
	}
	return []named[Miner]{
		{"multi-similarity", []string{cosine, euclidean}, func(distance string) (Miner, []field) {
			m := &MultiSimilarityMiner{Euclidean: distance == euclidean, Epsilon: 0.1}
			return m, []field{{"epsilon", &m.Epsilon}}
		}},
		{"batch-hard", nil, func(string) (Miner, []field) { return &EasyHardMiner{}, nil }},
		{"easy-hard", nil, func(string) (Miner, []field) {
			m := &EasyHardMiner{Pos: Easy, Neg: Semihard}
			return m, []field{{"pos", &m.Pos}, {"neg", &m.Neg}}
		}},
		{"triplet-all", ofLoss, triplets(AllTriplets)},
		{"triplet-hard", ofLoss, triplets(HardTriplets)},
		{"triplet-semihard", ofLoss, triplets(SemihardTriplets)},
		{"triplet-easy", ofLoss, triplets(EasyTriplets)},
		{"distance-weighted", nil, func(string) (Miner, []field) {
			m := &DistanceWeightedMiner{Cutoff: 0.5, FarCutoff: 1.4, Source: source}
			return m, []field{{"cutoff", &m.Cutoff}, {"nonzero_loss_cutoff", &m.FarCutoff}}
		}},
		{"pair-margin", []string{euclidean, cosine}, func(distance string) (Miner, []field) {
			m := &MarginMiner{Euclidean: distance == euclidean, PosMargin: 0.2, NegMargin: 0.8}
			return m, []field{{"pos_margin", &m.PosMargin}, {"neg_margin", &m.NegMargin}}
		}},
	}
}

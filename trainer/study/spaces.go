package study

import (
	"slices"
	"strings"

	"crossbatch/xbm/loss"
)

// LossSpace returns the space in which the protocol searches the parameters of a loss. spec is
// read by loss.Parse; a parameter that it sets is not searched. Distances, strategies and
// switches are not searched. For a loss with class weights, their learning rate is searched,
// too.
//
// The ranges of multi-similarity are those of the protocol's paper. The other ranges contain
// the defaults of the losses.
func LossSpace(spec string) Space {
	name, given, _ := strings.Cut(spec, ":")
	parameters := strings.Split(given, ",")
	euclidean := slices.Contains(parameters, "distance=euclidean")
	var s Space
	for _, r := range lossRanges(name, euclidean) {
		key := r.Key
		if slices.ContainsFunc(parameters, func(p string) bool { return strings.HasPrefix(p, key+"=") }) {
			continue
		}
		if key != lossRate {
			r.Key = LossParameter + key
		}
		r.Linear = r.Low <= 0
		s = append(s, r)
	}
	return s
}

// lossRate is the setting of what a loss itself learns.
const lossRate = "loss-lr"

func lossRanges(name string, euclidean bool) []Range {
	rate := Range{Key: lossRate, Low: 1e-4, High: 1}
	scale := Range{Key: "scale", Low: 8, High: 128}
	switch name {
	case "contrastive":
		if euclidean {
			return []Range{{Key: "pos_margin", High: 1}, {Key: "neg_margin", High: 2}}
		}
		return []Range{{Key: "pos_margin", High: 1}, {Key: "neg_margin", High: 0.9}}
	case "triplet":
		return []Range{{Key: "margin", High: 0.5}}
	case "multi-similarity":
		return []Range{{Key: "alpha", Low: 0.01, High: 100}, {Key: "beta", Low: 0.01, High: 100}, {Key: "base", High: 1}}
	case "nt-xent", "supcon":
		return []Range{{Key: "temperature", Low: 0.001, High: 1}}
	case "circle":
		return []Range{{Key: "m", High: 0.8}, {Key: "gamma", Low: 8, High: 512}}
	case "lifted", "generalized-lifted":
		return []Range{{Key: "neg_margin", High: 2}}
	case "margin":
		return []Range{{Key: "margin", High: 0.5}, {Key: "beta", Low: 0.6, High: 1.8}}
	case "tuplet-margin":
		return []Range{{Key: "margin_degrees", High: 30}, scale}
	case "intra-pair-variance":
		return []Range{{Key: "pos_eps", High: 0.2}, {Key: "neg_eps", High: 0.2}}
	case "snr-contrastive":
		return []Range{{Key: "pos_margin", High: 1}, {Key: "neg_margin", High: 2}}
	case "angular":
		return []Range{{Key: "alpha_degrees", Low: 15, High: 60}}
	case "nca":
		return []Range{{Key: "softmax_scale", Low: 1, High: 100}}
	case "fast-ap":
		return []Range{{Key: "bins", Low: 5, High: 100}}
	case "histogram":
		return []Range{{Key: "bins", Low: 10, High: 300}}
	case "smooth-ap":
		return []Range{{Key: "temperature", Low: 0.001, High: 0.1}}
	case "normalized-softmax":
		return []Range{{Key: "temperature", Low: 0.01, High: 1}, rate}
	case "cosface":
		return []Range{{Key: "margin", High: 0.7}, scale, rate}
	case "arcface":
		return []Range{{Key: "margin_degrees", High: 60}, scale, rate}
	case "soft-triple":
		return []Range{{Key: "centers", Low: 2, High: 20}, {Key: "la", Low: 2, High: 100}, {Key: "gamma", Low: 0.01, High: 1},
			{Key: "margin", High: 0.1}, rate}
	case "proxy-nca":
		return []Range{{Key: "softmax_scale", Low: 1, High: 100}, rate}
	case "proxy-anchor":
		return []Range{{Key: "margin", High: 0.5}, {Key: "alpha", Low: 4, High: 128}, rate}
	}
	return nil // n-pairs has no parameters
}

// SearchedLosses lists the losses for which [LossSpace] has ranges, each with its ranges, as
// text.
func SearchedLosses() (lines []string) {
	seen := map[string]bool{}
	for _, spec := range slices.Concat(loss.Names(), loss.ClassNames()) {
		name, parameters, _ := strings.Cut(spec, ":")
		if first, _, _ := strings.Cut(parameters, ","); seen[name] && strings.HasPrefix(first, "distance=") {
			name += ":" + first
		}
		seen[name] = true
		var ranges []string
		for _, r := range LossSpace(name) {
			ranges = append(ranges, strings.TrimPrefix(r.String(), LossParameter))
		}
		if len(ranges) > 0 {
			lines = append(lines, name+": "+strings.Join(ranges, ", "))
		}
	}
	return lines
}

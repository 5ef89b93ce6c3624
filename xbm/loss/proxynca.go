package loss

import "crossbatch/xbm/spec"

// ProxyNCA is [NCA] with learned weights, one for each class, in place of pairs.
// With WithoutPositives it is the first form,
//
//	Yair Movshovitz-Attias, Alexander Toshev, Thomas K. Leung, Sergey Ioffe,
//	Saurabh Singh. No Fuss Distance Metric Learning using Proxies. ICCV 2017.
//	https://arxiv.org/abs/1703.07464 (equation 4)
//
// without, the one that is a proper probability:
//
//	Eu Wern Teh, Terrance DeVries, Graham W. Taylor. ProxyNCA++: Revisiting and
//	Revitalizing Proxy Neighborhood Component Analysis. ECCV 2020.
//	https://arxiv.org/abs/2004.01113 (equation 7)
type ProxyNCA struct{ NCA }

// PerClass implements [pair.ClassLoss].
func (l *ProxyNCA) PerClass() int { return 1 }

// WeightsAreAnchors implements [pair.ClassLoss].
func (l *ProxyNCA) WeightsAreAnchors() bool { return false }

// Validate returns an error that names the first parameter out of its range.
func (l *ProxyNCA) Validate() error { return spec.Check(kind, "proxy-nca", l.fields()) }

func (l *ProxyNCA) fields() []spec.Field {
	return append(l.NCA.fields(), spec.Field{Key: "without_positives", At: &l.WithoutPositives})
}

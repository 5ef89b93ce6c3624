package loss

import (
	"math"
	"math/rand/v2"
	"testing"

	"crossbatch/xbm/internal/engine"
	"crossbatch/xbm/internal/twin"
	"crossbatch/xbm/pair"
)

// classTwin is a loss with class weights as a plain loop over similarities of the
// batch (rows) with the weights; own is the class of each row, perClass how many
// weights a class has.
type classTwin func(s [][]float64, own []int, perClass int) float64

func crossEntropy(logits []float64, own int) float64 {
	return twin.Log(logits, func(x float64) float64 { return x }) - logits[own]
}

// softmaxTwin has a logit for the right class and one for the others.
func softmaxTwin(right, wrong func(s float64) float64) classTwin {
	return func(s [][]float64, own []int, _ int) (value float64) {
		for i := range s {
			logits := make([]float64, len(s[i]))
			for j, x := range s[i] {
				if logits[j] = wrong(x); j == own[i] {
					logits[j] = right(x)
				}
			}
			value += crossEntropy(logits, own[i]) / float64(len(s))
		}
		return value
	}
}

func arcTwin(degrees, scale float64) classTwin {
	margin := degrees * math.Pi / 180
	return softmaxTwin(func(s float64) float64 {
		angle := math.Acos(math.Min(1, math.Max(-1, s)))
		if angle > math.Pi-margin {
			return scale * (s - margin*math.Sin(margin))
		}
		return scale * math.Cos(angle+margin)
	}, func(s float64) float64 { return scale * s })
}

func softTripleTwin(scale, gamma, margin float64) classTwin {
	return func(s [][]float64, own []int, perClass int) (value float64) {
		for i := range s {
			logits := make([]float64, len(s[i])/perClass)
			for c := range logits {
				var mass, sum float64
				for _, x := range s[i][c*perClass : (c+1)*perClass] {
					mass += math.Exp(x / gamma)
					sum += x * math.Exp(x/gamma)
				}
				if logits[c] = scale * sum / mass; c == own[i] {
					logits[c] -= scale * margin
				}
			}
			value += crossEntropy(logits, own[i]) / float64(len(s))
		}
		return value
	}
}

func proxyNCATwin(scale float64, withoutPositives bool) classTwin {
	return func(s [][]float64, own []int, _ int) (value float64) {
		for i := range s {
			var all []float64
			for j, x := range s[i] {
				if j != own[i] || !withoutPositives {
					all = append(all, -scale*(2-2*x))
				}
			}
			value += (twin.Log(all, func(x float64) float64 { return x }) + scale*(2-2*s[i][own[i]])) / float64(len(s))
		}
		return value
	}
}

func proxyAnchorTwin(margin, alpha float64) classTwin {
	return func(s [][]float64, own []int, _ int) float64 {
		var pos, neg, here float64
		classes := len(s[0])
		for c := range classes {
			sumPos, sumNeg, inBatch := 0.0, 0.0, false
			for i := range s {
				if own[i] == c {
					inBatch = true
					sumPos += math.Exp(-alpha * (s[i][c] - margin))
				} else {
					sumNeg += math.Exp(alpha * (s[i][c] + margin))
				}
			}
			if inBatch {
				here++
			}
			pos += math.Log1p(sumPos)
			neg += math.Log1p(sumNeg)
		}
		return pos/here + neg/float64(classes)
	}
}

func TestClassLossesEqualTheirTwins(t *testing.T) {
	scaled := func(k float64) func(float64) float64 { return func(s float64) float64 { return k * s } }
	for text, tw := range map[string]classTwin{
		"normalized-softmax":                 softmaxTwin(scaled(20), scaled(20)),
		"normalized-softmax:temperature=0.5": softmaxTwin(scaled(2), scaled(2)),
		"cosface":                            softmaxTwin(func(s float64) float64 { return 64 * (s - 0.35) }, scaled(64)),
		"cosface:margin=0.1,scale=8":         softmaxTwin(func(s float64) float64 { return 8 * (s - 0.1) }, scaled(8)),
		"arcface":                            arcTwin(28.6, 64),
		"arcface:margin_degrees=85,scale=4":  arcTwin(85, 4),
		"soft-triple":                        softTripleTwin(20, 0.1, 0.01),
		"soft-triple:centers=1":              softTripleTwin(20, 0.1, 0.01),
		"soft-triple:centers=3,gamma=0.02,la=5,margin=0.3": softTripleTwin(5, 0.02, 0.3),
		"proxy-nca": proxyNCATwin(1, false),
		"proxy-nca:softmax_scale=4,without_positives=true": proxyNCATwin(4, true),
		"proxy-anchor":                  proxyAnchorTwin(0.1, 32),
		"proxy-anchor:margin=0,alpha=3": proxyAnchorTwin(0, 3),
	} {
		for seed, shape := range []struct{ n, classes, dim int }{{7, 5, 4}, {1, 2, 3}, {40, 60, 6}} {
			l, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			loss := l.(pair.ClassLoss)
			rng := rand.New(rand.NewPCG(uint64(seed), 3))
			x := twin.Gauss(rng, shape.n*shape.dim)
			weights := twin.Gauss(rng, shape.classes*loss.PerClass()*shape.dim)
			labels, own := make([]int32, shape.n), make([]int, shape.n)
			for i := range labels {
				own[i] = rng.IntN(shape.classes)
				labels[i] = int32(10 * own[i])
			}
			value := func(x, weights []float64) float64 {
				a, c := twin.Unit(x, shape.dim), twin.Unit(weights, shape.dim)
				s := make([][]float64, shape.n)
				for i := range s {
					for j := 0; j < len(c); j += shape.dim {
						s[i] = append(s[i], twin.Dot(a[i*shape.dim:(i+1)*shape.dim], c[j:j+shape.dim]))
					}
				}
				return tw(s, own, loss.PerClass())
			}
			var a, c pair.Unit
			a.Set(x, shape.dim)
			c.Set(weights, shape.dim)
			batch := pair.Side{Rows: a.Rows, Labels: labels}
			classes := pair.Side{Rows: c.Rows}
			for j := range shape.classes * loss.PerClass() {
				classes.Labels = append(classes.Labels, int32(10*(j/loss.PerClass())))
			}
			dA, dC := make([]float32, len(x)), make([]float32, len(weights))
			var e engine.Engine
			var got pair.Summary
			if loss.WeightsAreAnchors() {
				got = e.RunBoth(dC, dA, &pair.Problem{Dim: shape.dim, Anchors: classes, Columns: batch}, loss)
			} else {
				got = e.RunBoth(dA, dC, &pair.Problem{Dim: shape.dim, Anchors: batch, Columns: classes}, loss)
			}
			if want := value(twin.Wide(x), twin.Wide(weights)); math.Abs(got.Value-want) > twin.Tolerance*math.Max(want, 1e-2) {
				t.Errorf("%s %+v: value %g, the twin's is %g", text, shape, got.Value, want)
			}
			dX, dW := make([]float32, len(x)), make([]float32, len(weights))
			a.AddGradient(dX, 1, dA)
			c.AddGradient(dW, 1, dC)
			if shape.n > 10 {
				continue // the same code, and differences take long
			}
			if err := twin.Relative(dX, twin.Differences(twin.Wide(x), func(x []float64) float64 { return value(x, twin.Wide(weights)) })); err > twin.Tolerance {
				t.Errorf("%s %+v: the gradient is off the twin's by %g", text, shape, err)
			}
			if err := twin.Relative(dW, twin.Differences(twin.Wide(weights), func(w []float64) float64 { return value(twin.Wide(x), w) })); err > twin.Tolerance {
				t.Errorf("%s %+v: the weights' gradient is off the twin's by %g", text, shape, err)
			}
		}
	}
}

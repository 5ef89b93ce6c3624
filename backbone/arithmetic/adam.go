package arithmetic

import "math"

// Adam is the arithmetic of a step of Adam (Diederik P. Kingma, Jimmy Ba, ICLR 2015,
// https://arxiv.org/abs/1412.6980), with g = grad + Decay·value:
//
//	first  = Beta1·first + Rest1·g
//	second = Beta2·second + Rest2·g²
//	value  = value - Rate·first / (Scale·√second + Epsilon)
//
// At step t, from 1, the paper's has Rest1 = 1-Beta1, Rest2 = 1-Beta2, and the learning
// rate over 1-Beta1ᵗ as Rate and 1/√(1-Beta2ᵗ) as Scale.
type Adam struct {
	Beta1, Rest1   float32
	Beta2, Rest2   float32
	Rate           float32
	Scale, Epsilon float32
	Decay          float32
}

// Step updates value, first and second, which have the length of grad.
func (a *Adam) Step(value, grad, first, second []float32) { native.adam(a, value, grad, first, second) }

func (a *Adam) stepPortable(value, grad, first, second []float32) {
	for k, g := range grad {
		g += float32(a.Decay * value[k])
		m := float32(a.Beta1*first[k]) + float32(a.Rest1*g)
		v := float32(a.Beta2*second[k]) + float32(a.Rest2*float32(g*g))
		first[k], second[k] = m, v
		value[k] -= float32(a.Rate*m) / (float32(float32(math.Sqrt(float64(v)))*a.Scale) + a.Epsilon)
	}
}

func sameSteps(value, grad, first, second []float32) {
	sameLength("Adam", value, grad)
	sameLength("Adam", first, grad)
	sameLength("Adam", second, grad)
}

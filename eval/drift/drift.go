// Package drift measures how far embeddings have moved since they were stored, and what
// that does to rows of a memory and to a gradient.
package drift

import (
	"fmt"
	"math"
	"math/bits"

	"crossbatch/xbm/kernel"
)

// Of is how far a network has moved the embeddings of a set of samples: the
// mean over the rows of ‖now - before‖². Both are n×dim, one sample a row. Between
// unit rows it is from 0 to 4, and 2 where nothing is left of the old direction.
//
//	Xun Wang, Haozhi Zhang, Weilin Huang, Matthew R. Scott.
//	Cross-Batch Memory for Embedding Learning.
//	CVPR 2020. https://arxiv.org/abs/1912.06798 (equation 3)
func Of(now, before []float32, dim int) (float64, error) {
	if err := samePlaces(now, before, dim); err != nil {
		return 0, err
	}
	return kernel.SquaredDistance(now, before) / float64(max(1, len(now)/dim)), nil
}

// AgeError is the error of rows of about one age.
type AgeError struct {
	Age   float64 `json:"age"`   // mean, in steps
	Error float64 `json:"error"` // mean ‖stored - fresh‖²
	Rows  int     `json:"rows"`
}

// ErrorByAge tells how far stored embeddings are from fresh ones of the same
// samples, by the rows' age in steps: all of age 0, of 1, of 2 and 3, of 4 to 7,
// and so on, the ages that there are. stored and fresh are n×dim. Ages under 0
// count as 0.
func ErrorByAge(stored, fresh []float32, dim int, ages []int64) ([]AgeError, error) {
	if err := samePlaces(stored, fresh, dim); err != nil {
		return nil, err
	}
	if len(ages)*dim != len(stored) {
		return nil, fmt.Errorf("drift: %d ages for %d embeddings", len(ages), len(stored)/dim)
	}
	var bins [65]AgeError
	for i, age := range ages {
		age = max(0, age)
		b := &bins[bits.Len64(uint64(age))]
		b.Rows++
		b.Age += float64(age)
		b.Error += kernel.SquaredDistance(stored[i*dim:(i+1)*dim], fresh[i*dim:(i+1)*dim])
	}
	var found []AgeError
	for _, b := range bins {
		if b.Rows > 0 {
			n := float64(b.Rows)
			found = append(found, AgeError{Age: b.Age / n, Error: b.Error / n, Rows: b.Rows})
		}
	}
	return found, nil
}

// GradientError compares a gradient with the exact one: ‖got - exact‖/‖exact‖, and
// the cosine between the two, which is 0 where got is zero. ok is false where
// exact is zero: then there is nothing to compare with.
func GradientError(got, exact []float32) (relative, cosine float64, ok bool) {
	var dot, gots, exacts float64
	for i, x := range exact {
		dot += float64(got[i]) * float64(x)
		gots += float64(got[i]) * float64(got[i])
		exacts += float64(x) * float64(x)
	}
	if exacts == 0 {
		return 0, 0, false
	}
	if gots > 0 {
		cosine = dot / math.Sqrt(gots*exacts)
	}
	return math.Sqrt(kernel.SquaredDistance(got, exact) / exacts), cosine, true
}

func samePlaces(a, b []float32, dim int) error {
	if dim < 1 || len(a)%dim != 0 || len(a) != len(b) {
		return fmt.Errorf("drift: between %d and %d numbers in embeddings of %d: give as many of both", len(a), len(b), dim)
	}
	return nil
}

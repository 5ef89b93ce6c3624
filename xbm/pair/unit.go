package pair

import (
	"math"
	"slices"
)

// Unit is a batch of embeddings brought to unit length, together with what is
// needed to carry a gradient back through the normalisation. The zero value is
// ready; Set reuses its space.
type Unit struct {
	Dim  int       // numbers in a row
	Rows []float32 // n×dim unit rows; a row of zeros, or nearly so, becomes zeros

	// Lengths are those of the rows before, 0 for a row that became zeros.
	Lengths []float32

	inverse []float64 // 1/‖row‖ before, 0 for a row that became zeros
}

// Shortest is the length under which a row has no direction worth following: its
// gradient would leave float32. PyTorch's normalize has the same bound.
const Shortest = 1e-12

// Set stores the rows of emb (n×dim), normalised. emb is not kept.
func (u *Unit) Set(emb []float32, dim int) {
	n := len(emb) / dim
	u.Dim = dim
	u.Rows = slices.Grow(u.Rows[:0], n*dim)[:n*dim]
	u.inverse = slices.Grow(u.inverse[:0], n)[:n]
	u.Lengths = slices.Grow(u.Lengths[:0], n)[:n]
	clear(u.Rows)
	clear(u.inverse)
	clear(u.Lengths)
	for i := range n {
		row := emb[i*dim : (i+1)*dim]
		var square float64
		for _, x := range row {
			square += float64(x) * float64(x)
		}
		if square < Shortest*Shortest {
			continue
		}
		u.inverse[i] = 1 / math.Sqrt(square)
		u.Lengths[i] = float32(math.Sqrt(square))
		for k, x := range row {
			u.Rows[i*dim+k] = float32(float64(x) * u.inverse[i])
		}
	}
}

// AddGradient adds scale times the gradient with respect to the embeddings
// before normalisation, given the one with respect to the unit rows:
// ∂L/∂x = (g - (g·u)u)/‖x‖. A row that became zeros has no direction and gets none.
func (u *Unit) AddGradient(dEmb []float32, scale float64, dUnit []float32) {
	for i, inverse := range u.inverse {
		row := u.Rows[i*u.Dim : (i+1)*u.Dim]
		g := dUnit[i*u.Dim : (i+1)*u.Dim]
		var radial float64
		for k, x := range row {
			radial += float64(g[k]) * float64(x)
		}
		for k, x := range row {
			dEmb[i*u.Dim+k] += float32(scale * inverse * (float64(g[k]) - radial*float64(x)))
		}
	}
}

// AddLengthGradient adds the gradient with respect to the embeddings, given the
// one with respect to their lengths.
func (u *Unit) AddLengthGradient(dEmb []float32, dLengths []float32) {
	for i, g := range dLengths {
		for k, x := range u.Rows[i*u.Dim : (i+1)*u.Dim] {
			dEmb[i*u.Dim+k] += g * x
		}
	}
}

package pair

import "math"

// nearlyOne is the similarity above which 2-2s has lost more than half of
// float32's digits, so that a distance is taken from the rows themselves.
const nearlyOne = 0.999

// squaredDistance is ‖a-b‖² of two unit rows with similarity s: anchor i and
// column j of the problem.
func (p *Problem) squaredDistance(i, j int, s float32) float64 {
	if s < nearlyOne {
		return 2 - 2*float64(s)
	}
	a := p.Anchors.Rows[i*p.Dim : (i+1)*p.Dim]
	b := p.Columns.Rows[j*p.Dim : (j+1)*p.Dim]
	var sum float64
	for k, x := range a {
		d := float64(x) - float64(b[k])
		sum += d * d
	}
	return sum
}

// distance is the Euclidean distance between the row's anchor and column c of
// its tile, whose similarity is s.
func (r *Row) distance(c int, s float32) float64 {
	return math.Sqrt(r.problem.squaredDistance(r.Anchor, r.First+c, s))
}

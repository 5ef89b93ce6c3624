// Package kernel is the float32 arithmetic under the memory, the losses and the
// evaluation: matrix products, vectors, searches, numbers of 16 bits, and the sharing
// of work among cores. What only networks and optimizers need is in package
// backbone/arithmetic.
//
// Results are bit-identical from run to run and for any GOMAXPROCS: work is cut
// into pieces that depend on the shapes only, and every sum is taken in one
// fixed order. They may differ in the last bits between kinds of processor:
// those with AVX-512, those with AVX2 and FMA, and the others.
//
// Slices of wrong length are a caller's mistake and panic. Nothing here keeps a
// reference to its arguments; all functions may be called concurrently on
// disjoint destinations.
package kernel

//go:generate go run -tags gen ./gen

// Mat is a row-major matrix within a slice: element (i, j) is Data[i*Stride+j].
// With Trans the product reads it transposed, that is as the matrix whose
// element (i, j) is Data[j*Stride+i].
type Mat struct {
	Data   []float32
	Stride int
	Trans  bool
}

// view is an operand of a product: element (i, j) is data[i*row+j*col].
type view struct {
	data     []float32
	row, col int
}

// view checks that m holds rows × cols elements. The empty matrix may be nil.
func (m Mat) view(rows, cols int, name string) view {
	v := view{data: m.Data, row: m.Stride, col: 1}
	if m.Trans {
		v.row, v.col = 1, m.Stride
	}
	if m.Stride < 0 {
		panic("kernel: negative stride of " + name)
	}
	if rows > 0 && cols > 0 && v.at(rows-1, cols-1) >= len(m.Data) {
		panic("kernel: " + name + " is too short")
	}
	return v
}

// at is the index of element (i, j).
func (v view) at(i, j int) int { return i*v.row + j*v.col }

// from is the part of v that starts at element (i, j).
func (v view) from(i, j int) view {
	v.data = v.data[v.at(i, j):]
	return v
}

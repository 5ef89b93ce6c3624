package ranks

// Adder sums numbers over the ranks: an all-reduce. Comm is needed. It is not safe for
// concurrent use. It keeps a buffer of a few MiB.
//
// Each number is summed in the order of the ranks, in float64. All ranks get the same bytes,
// and the same ranks always get the same bytes. MPI's own all-reduce guarantees no order. A
// long slice is divided among the ranks, each of which sums its share for all. Every rank then
// sends and receives 2·(Size-1)/Size of the numbers, which is the minimum:
//
//	Rajeev Thakur, Rolf Rabenseifner, William Gropp. Optimization of Collective
//	Communication Operations in MPICH. IJHPCA 2005.
//	https://doi.org/10.1177/1094342005051521 (section 4.5)
type Adder[T Number] struct {
	Comm  Comm
	parts []T
	sums  []float64
}

// short is how many bytes all ranks' numbers may take to be sent to all at once: one
// message in place of two.
const short = 64 << 10

// long is how many numbers are added up at a time: they stay in the cache, and messages
// do not wait for memory.
const long = 1 << 20

// Add replaces x, on every rank, by the sums over the ranks. len(x) must be the same on all
// ranks. After an error x is of no use.
func (a *Adder[T]) Add(x []T) error {
	for len(x) > 0 && a.Comm.Size() > 1 {
		n := min(len(x), long)
		if err := a.addPiece(x[:n]); err != nil {
			return err
		}
		x = x[n:]
	}
	return nil
}

func (a *Adder[T]) addPiece(x []T) error {
	size := a.Comm.Size()
	block := len(x) / size
	if len(bytesOf(x))*size <= short {
		block = 0
	}
	even, rest := x[:block*size], x[block*size:]
	if block > 0 {
		parts := a.room(len(even))
		if err := a.Comm.AllToAll(bytesOf(parts), bytesOf(even)); err != nil {
			return err
		}
		own := even[a.Comm.Rank()*block:][:block]
		a.add(own, parts)
		if err := AllGather(a.Comm, even, own); err != nil {
			return err
		}
	}
	if len(rest) == 0 {
		return nil
	}
	parts := a.room(len(rest) * size)
	if err := AllGather(a.Comm, parts, rest); err != nil {
		return err
	}
	a.add(rest, parts)
	return nil
}

// add stores the sums of parts, one after the other, each of the length of dst.
func (a *Adder[T]) add(dst, parts []T) {
	const piece = 1 << 10 // of sums, to stay in the cache
	if a.sums == nil {
		a.sums = make([]float64, piece)
	}
	for first := 0; first < len(dst); first += piece {
		sums := a.sums[:min(piece, len(dst)-first)]
		clear(sums)
		for part := parts; len(part) > 0; part = part[len(dst):] {
			for i, v := range part[first:][:len(sums)] {
				sums[i] += float64(v)
			}
		}
		for i, s := range sums {
			dst[first+i] = T(s)
		}
	}
}

func (a *Adder[T]) room(n int) []T {
	if cap(a.parts) < n {
		a.parts = make([]T, n)
	}
	return a.parts[:n]
}

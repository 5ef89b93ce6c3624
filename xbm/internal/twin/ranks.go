package twin

import (
	"sync"

	"crossbatch/xbm/pair"
)

// OnRanks calls work on size goroutines, each with a copy of p whose columns are shared out,
// and returns when all have.
func OnRanks(size int, p *pair.Problem, work func(rank int, p *pair.Problem)) {
	var all sync.WaitGroup
	for rank, r := range NewRanks(size) {
		own := *p
		own.Columns.Rows, own.Columns.Halves, own.Columns.Ranks = nil, nil, r
		for j := range p.Columns.Labels {
			if !own.Columns.Holds(j) {
				continue
			}
			if p.Columns.Halves != nil {
				own.Columns.Halves = append(own.Columns.Halves, p.Columns.Halves[j*p.Dim:(j+1)*p.Dim]...)
			} else {
				own.Columns.Rows = append(own.Columns.Rows, p.Columns.Rows[j*p.Dim:(j+1)*p.Dim]...)
			}
		}
		all.Go(func() { work(rank, &own) })
	}
	all.Wait()
}

// NewRanks returns ranks that are goroutines of one process.
func NewRanks(size int) []pair.Ranks {
	t := &table{parts: make([][]float64, size)}
	t.turn.L = &t.mu
	list := make([]pair.Ranks, size)
	for rank := range list {
		list[rank] = seat{t, rank}
	}
	return list
}

// table is where ranks meet: each brings a part, and takes all.
type table struct {
	mu     sync.Mutex
	turn   sync.Cond
	parts  [][]float64
	here   int
	number int
}

type seat struct {
	*table
	rank int
}

func (s seat) Rank() int { return s.rank }
func (s seat) Size() int { return len(s.parts) }

func (s seat) Gather(dst, part []float64) error {
	s.mu.Lock()
	s.parts[s.rank] = part
	s.meet()
	for k, p := range s.parts {
		copy(dst[k*len(part):], p)
	}
	s.meet()
	s.mu.Unlock()
	return nil
}

// meet waits for all.
func (s seat) meet() {
	number := s.number
	if s.here++; s.here == len(s.parts) {
		s.here = 0
		s.number++
		s.turn.Broadcast()
		return
	}
	for s.number == number {
		s.turn.Wait()
	}
}

func (s seat) Add(x []float32) error {
	part := make([]float64, len(x))
	for i, v := range x {
		part[i] = float64(v)
	}
	all := make([]float64, s.Size()*len(x))
	if err := s.Gather(all, part); err != nil {
		return err
	}
	for i := range x {
		sum := 0.0
		for k := i; k < len(all); k += len(x) {
			sum += all[k]
		}
		x[i] = float32(sum)
	}
	return nil
}

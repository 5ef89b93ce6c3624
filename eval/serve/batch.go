package serve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval/index"
)

// job is a picture on its way through the network, and what is sought for it.
type job struct {
	ctx       context.Context
	image     []float32
	search    bool // or only the embedding
	k         int
	filter    index.Filter
	embedding []float32
	found     []index.Neighbor
	err       error
	done      chan struct{}
}

// errBusy says that as many wait as may.
var errBusy = errors.New("too many searches wait: try again in a moment")

// do puts a job in the queue and waits for it.
func (s *Server) do(j *job) error {
	j.done = make(chan struct{})
	select {
	case s.queue <- j:
	default:
		return errBusy
	}
	select {
	case <-j.done:
		return j.err
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

// work takes what waits, all at once, through the network and the index, again and
// again. Each takes all processors, so one goroutine does both.
func (s *Server) work() {
	for {
		select {
		case j := <-s.queue:
			batch := []*job{j}
			for len(batch) < s.config.Batch {
				select {
				case j := <-s.queue:
					batch = append(batch, j)
					continue
				default:
				}
				break
			}
			s.batch(batch)
		case <-s.stopped:
			return
		}
	}
}

func (s *Server) batch(jobs []*job) {
	all := jobs
	defer func() {
		// What a picture can make of a network or search must not end the server.
		if r := recover(); r != nil {
			s.config.Log.Error("a batch failed", zap.Any("panic", r), zap.Stack("stack"))
			for _, j := range all {
				j.err = errors.New("panic")
			}
		}
		for _, j := range all {
			close(j.done)
		}
	}()
	// Those that nobody waits for any more are left out.
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(j *job) bool { return j.ctx.Err() != nil })
	if len(jobs) == 0 {
		return
	}
	began := time.Now()
	dim, numbers := s.config.Encoder.Identity().Dim, s.config.Encoder.Numbers()
	images, rows := make([]float32, 0, len(jobs)*numbers), make([]float32, len(jobs)*dim)
	for _, j := range jobs {
		images = append(images, j.image...)
	}
	if err := s.config.Encoder.Embed(rows, images); err != nil {
		for _, j := range jobs {
			j.err = fmt.Errorf("the network failed: %w", err)
		}
		return
	}
	s.metrics.embedded(len(jobs), time.Since(began))
	for i, j := range jobs {
		j.embedding = rows[i*dim : (i+1)*dim]
	}
	s.searchAll(slices.DeleteFunc(jobs, func(j *job) bool { return !j.search }))
}

// searchAll searches for those together that have one filter.
func (s *Server) searchAll(jobs []*job) {
	for len(jobs) > 0 {
		first := jobs[0]
		like := func(j *job) bool {
			return slices.Equal(j.filter.Groups, first.filter.Groups) && slices.Equal(j.filter.NotGroups, first.filter.NotGroups)
		}
		var queries []float32
		var together, others []*job
		k := 0
		for _, j := range jobs {
			if !like(j) {
				others = append(others, j)
				continue
			}
			together, queries, k = append(together, j), append(queries, j.embedding...), max(k, j.k)
		}
		found, err := s.config.Index.Search(queries, k, first.filter)
		for i, j := range together {
			if j.err = err; err == nil {
				j.found = found[i][:min(j.k, len(found[i]))]
			}
		}
		jobs = others
	}
}

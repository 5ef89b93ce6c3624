package progress

import (
	"fmt"
	"sync"
	"time"

	"go.uber.org/zap"
)

// Study shows how a study goes: a bar over the images of all its runs, or lines where
// there is no terminal. It is the Progress of a study.Runner. Make it with
// Console.Study. It is safe for concurrent use.
type Study struct {
	console *Console

	mu       sync.Mutex
	runs     int // of the study
	complete int
	total    int64   // images of the runs that are to be made
	trained  []int64 // on, by each of them
	atWork   int
	began    time.Time
}

// Study shows a study.
func (c *Console) Study() *Study { return &Study{console: c} }

// Begin shows a study of so many runs of which some have images yet to be trained on.
func (s *Study) Begin(runs int, images []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs, s.complete, s.trained, s.began = runs, runs-len(images), make([]int64, len(images)), time.Now()
	s.total = sum(images)
	s.console.lastLine = s.began
	if s.total > 0 {
		s.console.open(s.total, ofImages()...)
		s.show()
	}
}

// RunBegins tells that one of the runs begins.
func (s *Study) RunBegins() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.atWork++
	s.show()
}

// Trained tells how many images run i has trained on.
func (s *Study) Trained(i int, images int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trained[i] = images
	s.show()
}

// RunEnds tells that run i has ended, and what came of it.
func (s *Study) RunEnds(i int, images int64, title string, result string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.atWork--
	s.trained[i] = images // also of one that stopped early: it leaves no more to do
	if err != nil {
		s.console.Log.Error(title, zap.String("failed", err.Error()))
	} else {
		s.complete++
		s.console.Log.Info(fmt.Sprintf("run %d of %d, %s: %s", s.complete, s.runs, title, result))
	}
	s.show()
}

// End takes the display away.
func (s *Study) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.console.close()
}

// show brings the display up to date.
func (s *Study) show() {
	c, trained := s.console, sum(s.trained)
	if c.bar != nil {
		c.bar.Describe(fmt.Sprintf("%d of %d runs, %d at work:", s.complete, s.runs, s.atWork))
		_ = c.bar.Set64(min(trained, s.total-1)) // at the total it would be gone
		return
	}
	if c.terminal || trained == 0 || s.atWork == 0 || !c.due(3*c.Every) {
		return
	}
	elapsed := time.Since(s.began)
	c.Log.Info(fmt.Sprintf("%d of %d runs", s.complete, s.runs), zap.Int("at_work", s.atWork),
		zap.Int("images_per_second", int(float64(trained)/elapsed.Seconds())), zap.String("left", left(elapsed, trained, s.total).String()))
}

func sum(all []int64) (total int64) {
	for _, n := range all {
		total += n
	}
	return total
}

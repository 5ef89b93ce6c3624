package main

import (
	"fmt"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap"
)

// studyProgress shows how a study goes: a bar over the images of all its runs, or
// lines where there is no terminal. Safe for concurrent use.
type studyProgress struct {
	mu       sync.Mutex
	console  *console
	runs     int // of the study
	complete int
	total    int64   // images of the runs that are to be made
	trained  []int64 // on, by each of them
	atWork   int
	began    time.Time
}

// studyLineEvery is how often a study tells where there is no terminal.
const studyLineEvery = 15 * time.Second

// Begin shows a study of so many runs of which some have images yet to be trained on.
func (p *studyProgress) Begin(runs int, images []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.console
	p.runs, p.complete, p.trained, p.began = runs, runs-len(images), make([]int64, len(images)), time.Now()
	p.total = 0
	for _, n := range images {
		p.total += n
	}
	c.lastLine = p.began
	if c.terminal && p.total > 0 {
		c.bar = progressbar.NewOptions64(p.total,
			progressbar.OptionSetWriter(c.out), progressbar.OptionSetWidth(24),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("images"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		p.show()
	}
}

// RunBegins tells that one of the runs begins.
func (p *studyProgress) RunBegins() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.atWork++
	p.show()
}

// Trained tells how many images run i has trained on.
func (p *studyProgress) Trained(i int, images int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trained[i] = images
	p.show()
}

// RunEnds tells that run i has ended, and what came of it.
func (p *studyProgress) RunEnds(i int, images int64, title string, result string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.atWork--
	p.trained[i] = images // also of one that stopped early: it leaves no more to do
	if err != nil {
		p.console.log.Error(title, zap.String("failed", err.Error()))
	} else {
		p.complete++
		p.console.log.Info(fmt.Sprintf("run %d of %d, %s: %s", p.complete, p.runs, title, result))
	}
	p.show()
}

// End takes the display away.
func (p *studyProgress) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console.end()
}

// show brings the display up to date.
func (p *studyProgress) show() {
	var trained int64
	for _, n := range p.trained {
		trained += n
	}
	c := p.console
	if c.bar != nil {
		c.bar.Describe(fmt.Sprintf("%d of %d runs, %d at work:", p.complete, p.runs, p.atWork))
		_ = c.bar.Set64(min(trained, p.total-1)) // decoration; at the total it would be gone
		return
	}
	now := time.Now()
	if c.terminal || trained == 0 || p.atWork == 0 || now.Sub(c.lastLine) < studyLineEvery {
		return
	}
	c.lastLine = now
	elapsed := now.Sub(p.began)
	left := time.Duration(float64(elapsed) * float64(p.total-trained) / float64(trained))
	c.log.Info(fmt.Sprintf("%d of %d runs", p.complete, p.runs), zap.Int("at_work", p.atWork),
		zap.Int("images_per_second", int(float64(trained)/elapsed.Seconds())), zap.String("left", left.Round(time.Second).String()))
}

package main

import (
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap"
)

// meter shows how far a piece of work is that has parts, one after the other: a
// bar on a terminal, else a line now and then. Several goroutines may use it.
type meter struct {
	console *console

	mu          sync.Mutex
	part        string
	most        int
	began, last time.Time
}

// at shows that so much of a part is done.
func (m *meter) at(part string, done, of int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	if part != m.part {
		m.console.end()
		m.part, m.most, m.began, m.last = part, 0, now, now
		if m.console.terminal {
			m.console.bar = progressbar.NewOptions(of,
				progressbar.OptionSetWriter(m.console.out), progressbar.OptionSetWidth(24),
				progressbar.OptionSetDescription(part), progressbar.OptionSetPredictTime(true),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
		}
	}
	m.most = max(m.most, done)
	switch {
	case m.console.bar != nil:
		_ = m.console.bar.Set(m.most) // decoration
	case now.Sub(m.last) >= lineEvery && m.most > 0:
		m.last = now
		left := time.Duration(float64(now.Sub(m.began)) * float64(of-m.most) / float64(m.most))
		m.console.log.Info(part, zap.Int("done", m.most), zap.Int("of", of), zap.Duration("left", left.Round(time.Second)))
	}
}

// end takes the bar away.
func (m *meter) end() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.console.end()
	m.part = ""
}

// Package progress shows people how a training, a study or another long piece of work
// goes: a bar with log lines above it on a terminal, log lines alone elsewhere. It is
// apart from trainer/run and trainer/study, so that a program with a display of its own
// takes no terminal library along.
package progress

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"crossbatch/eval/event"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

// Console is where the work is shown. Make one with New. One training, one Parts or
// one Study is shown at a time; only Parts and Study are safe for concurrent use.
type Console struct {
	// Log writes lines, above the bar where there is one.
	Log *zap.Logger
	// Every is how often a training or a part is told of where there is no terminal; a
	// study is told of a third as often.
	Every time.Duration

	out      io.Writer
	terminal bool
	bar      *progressbar.ProgressBar // nil: no terminal, or nothing under way
	title    string                   // before the bar: which run
	lastLine time.Time
}

// New is a console that writes to out: with bars if that is a terminal, else with a
// line every five seconds.
func New(out io.Writer) *Console {
	c := &Console{out: out, Every: 5 * time.Second}
	if f, ok := out.(*os.File); ok {
		c.terminal = term.IsTerminal(int(f.Fd()))
	}
	encoder := zap.NewDevelopmentEncoderConfig()
	encoder.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	encoder.CallerKey, encoder.LevelKey = zapcore.OmitKey, zapcore.OmitKey
	encoder.ConsoleSeparator = "  "
	c.Log = zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(encoder), zapcore.AddSync(c), zapcore.InfoLevel))
	return c
}

// Write puts log lines above the bar. It implements io.Writer for the logger.
func (c *Console) Write(line []byte) (int, error) {
	if c.bar == nil {
		return c.out.Write(line)
	}
	if err := c.bar.Clear(); err != nil {
		return 0, err
	}
	n, err := c.out.Write(line)
	if err != nil {
		return n, err
	}
	return n, c.bar.RenderBlank()
}

// Run is what a run.Session calls so that the console shows its trainings and what
// comes after them.
func (c *Console) Run() run.Progress {
	p := &Parts{console: c}
	return run.Progress{Begin: c.begin, Step: c.step, Part: p.At, End: p.End}
}

// open shows a bar on a terminal.
func (c *Console) open(total int64, more ...progressbar.Option) {
	if c.terminal {
		c.bar = progressbar.NewOptions64(total, append(more,
			progressbar.OptionSetWriter(c.out), progressbar.OptionSetWidth(24), progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())...)
	}
}

// ofImages are the options of a bar that counts images.
func ofImages() []progressbar.Option {
	return []progressbar.Option{progressbar.OptionShowIts(), progressbar.OptionSetItsString("images"), progressbar.OptionSetElapsedTime(true)}
}

// close takes the bar away. The bar is decoration: a terminal that is gone must not
// end the work, here and wherever a bar is set.
func (c *Console) close() {
	if c.bar != nil {
		_ = c.bar.Clear()
		c.bar = nil
	}
}

// due says whether it is time for another line.
func (c *Console) due(every time.Duration) bool {
	now := time.Now()
	if now.Sub(c.lastLine) < every {
		return false
	}
	c.lastLine = now
	return true
}

// left is how long the rest takes if it goes on as it went.
func left(elapsed time.Duration, done, of int64) time.Duration {
	return time.Duration(float64(elapsed) * float64(of-done) / float64(done)).Round(time.Second)
}

// begin starts the display of a training.
func (c *Console) begin(title string, config trainer.Config) {
	c.title, c.lastLine = title, time.Now()
	c.Log.Info(title, zap.Int64("steps", config.Steps), zap.Int("images_a_step", config.Batch.Size))
	c.open(config.Steps*int64(config.Batch.Size), ofImages()...)
}

// step shows one more step.
func (c *Console) step(p trainer.Progress) {
	var parts []string
	for _, term := range []*event.Term{p.Last.Batch, p.Last.Memory} {
		if term != nil {
			parts = append(parts, fmt.Sprintf("%.3f", term.Loss))
		}
	}
	loss := strings.Join(parts, " + ")
	if c.bar != nil {
		c.bar.Describe(fmt.Sprintf("%s step %d/%d, loss %s", c.title, p.Last.Step+1, p.Steps, loss))
		_ = c.bar.Set64(p.Images)
	} else if c.due(c.Every) {
		c.Log.Info(c.title, zap.Int64("step", p.Last.Step+1), zap.Int64("of", p.Steps), zap.String("loss", loss),
			zap.Int("memory_rows", p.Last.Rows), zap.Int("images_per_second", int(float64(p.Images)/p.Elapsed.Seconds())),
			zap.Duration("left", left(p.Elapsed, p.Last.Step+1, p.Steps)))
	}
}

// Parts shows work that has parts, one after the other. Make it with Console.Parts.
// It is safe for concurrent use.
type Parts struct {
	console *Console

	mu    sync.Mutex
	part  string
	most  int
	began time.Time
}

// Parts shows work that has parts.
func (c *Console) Parts() *Parts { return &Parts{console: c} }

// At shows that so much of a part is done. Goroutines may tell it out of order: the
// display does not go back.
func (p *Parts) At(part string, done, of int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c := p.console
	if part != p.part {
		c.close()
		p.part, p.most, p.began = part, 0, time.Now()
		c.lastLine = p.began
		c.open(int64(of), progressbar.OptionSetDescription(part))
	}
	p.most = max(p.most, done)
	if c.bar != nil {
		_ = c.bar.Set(p.most)
	} else if p.most > 0 && c.due(c.Every) {
		c.Log.Info(part, zap.Int("done", p.most), zap.Int("of", of), zap.Duration("left", left(time.Since(p.began), int64(p.most), int64(of))))
	}
}

// End takes the display away.
func (p *Parts) End() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.console.close()
	p.part = ""
}

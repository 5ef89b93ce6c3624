package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"golang.org/x/term"

	"crossbatch/eval/event"
	"crossbatch/trainer"
	"crossbatch/trainer/run"
)

// console shows how a run goes: a bar with log lines above it on a terminal,
// log lines alone elsewhere.
type console struct {
	out io.Writer
	log *zap.Logger
	bar *progressbar.ProgressBar // nil: no terminal, or no run under way

	terminal bool
	prefix   string // before the bar: which run
	lastLine time.Time
}

// lineEvery is how often progress is told where there is no terminal.
const lineEvery = 5 * time.Second

func newConsole(out io.Writer) *console {
	c := &console{out: out}
	if f, ok := out.(*os.File); ok {
		c.terminal = term.IsTerminal(int(f.Fd()))
	}
	encoder := zap.NewDevelopmentEncoderConfig()
	encoder.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05")
	encoder.CallerKey, encoder.LevelKey = zapcore.OmitKey, zapcore.OmitKey
	encoder.ConsoleSeparator = "  "
	c.log = zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(encoder), zapcore.AddSync(c), zapcore.InfoLevel))
	return c
}

// Write puts log lines above the bar. It implements io.Writer for the logger.
func (c *console) Write(line []byte) (int, error) {
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

// session is one that shows here how it goes.
func (c *console) session(loading run.Loading) *run.Session {
	m := &meter{console: c}
	return &run.Session{Loading: loading, Input: os.Stdin, Log: c.log, Progress: run.Progress{Begin: c.begin, Step: c.step, Part: m.at, End: m.end}}
}

// begin starts the display of a run.
func (c *console) begin(prefix string, config trainer.Config) {
	c.prefix, c.lastLine = prefix, time.Now()
	c.log.Info(prefix, zap.Int64("steps", config.Steps), zap.Int("images_a_step", config.Batch.Size))
	if c.terminal {
		c.bar = progressbar.NewOptions64(config.Steps*int64(config.Batch.Size),
			progressbar.OptionSetWriter(c.out),
			progressbar.OptionSetWidth(24),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("images"),
			progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish())
	}
}

// step shows one more step.
func (c *console) step(p trainer.Progress) {
	var parts []string
	for _, term := range []*event.Term{p.Last.Batch, p.Last.Memory} {
		if term != nil {
			parts = append(parts, fmt.Sprintf("%.3f", term.Loss))
		}
	}
	loss := strings.Join(parts, " + ")
	if c.bar != nil {
		c.bar.Describe(fmt.Sprintf("%s step %d/%d, loss %s", c.prefix, p.Last.Step+1, p.Steps, loss))
		// The bar is decoration: a terminal that is gone must not end the run.
		_ = c.bar.Set64(p.Images)
		return
	}
	if now := time.Now(); now.Sub(c.lastLine) >= lineEvery {
		c.lastLine = now
		rate := float64(p.Images) / p.Elapsed.Seconds()
		left := time.Duration(float64(p.Elapsed) * float64(p.Steps-p.Last.Step-1) / float64(p.Last.Step+1))
		c.log.Info(c.prefix, zap.Int64("step", p.Last.Step+1), zap.Int64("of", p.Steps), zap.String("loss", loss),
			zap.Int("memory_rows", p.Last.Rows), zap.Int("images_per_second", int(rate)), zap.Duration("left", left.Round(time.Second)))
	}
}

// end takes the bar away.
func (c *console) end() {
	if c.bar != nil {
		_ = c.bar.Clear() // decoration, as above
		c.bar = nil
	}
}

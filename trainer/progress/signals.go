package progress

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// Stopped is why work was told to stop: a signal.
type Stopped struct{ Signal syscall.Signal }

// Error is the word for it: interrupted, or terminated.
func (s Stopped) Error() string {
	if s.Signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// ExitCode is what shells make of a process that the signal ended: 130 or 143.
func (s Stopped) ExitCode() int { return 128 + int(s.Signal) }

// UntilStopped returns a context that ends with Ctrl-C or SIGTERM, its cause being
// which. The next signal after that one ends the process at once.
func UntilStopped() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Stop(signals)
		cancel(Stopped{s})
	}()
	return ctx
}

// CauseOf is the signal that ended ctx; Ctrl-C where it was none.
func CauseOf(ctx context.Context) Stopped {
	if s, ok := context.Cause(ctx).(Stopped); ok {
		return s
	}
	return Stopped{syscall.SIGINT}
}

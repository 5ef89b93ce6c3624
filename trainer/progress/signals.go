package progress

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
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

// once is for how long SIGTERM is one request to stop, however often it comes: schedulers
// send it to a script and to what the script runs, and the script hands it on.
const once = 5 * time.Second

// UntilStopped returns a context that ends with Ctrl-C or SIGTERM, its cause being
// which. The next signal after that one ends the process at once.
func UntilStopped() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Reset(syscall.SIGINT)
		cancel(Stopped{s})
		if s == syscall.SIGTERM {
			time.Sleep(once)
		}
		signal.Stop(signals)
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

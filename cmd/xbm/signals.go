package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// stopped is why a run was told to stop: a signal.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string {
	if s.signal == syscall.SIGTERM {
		return "terminated"
	}
	return "interrupted"
}

// exitCode is what shells make of a process that the signal ended: 130 or 143.
func (s stopped) exitCode() int { return 128 + int(s.signal) }

// once is for how long SIGTERM is one request to stop, however often it comes: schedulers
// send it to a script and to what the script runs, and the script hands it on.
const once = 5 * time.Second

// untilStopped returns a context that ends with Ctrl-C or SIGTERM, its cause being
// which. The next signal after that one ends the process at once.
func untilStopped() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		s, _ := (<-signals).(syscall.Signal)
		signal.Reset(syscall.SIGINT)
		cancel(stopped{s})
		if s == syscall.SIGTERM {
			time.Sleep(once)
		}
		signal.Stop(signals)
	}()
	return ctx
}

// causeOf is the signal that ended ctx; Ctrl-C where it was none.
func causeOf(ctx context.Context) stopped {
	if s, ok := context.Cause(ctx).(stopped); ok {
		return s
	}
	return stopped{syscall.SIGINT}
}

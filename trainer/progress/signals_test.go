package progress

import (
	"context"
	"os"
	"syscall"
	"testing"
)

func TestASignalEndsTheContext(t *testing.T) {
	ctx := UntilStopped()
	if ctx.Err() != nil {
		t.Fatal(ctx.Err())
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if s := CauseOf(ctx); s.Error() != "terminated" || s.ExitCode() != 143 {
		t.Errorf("%v, code %d", s, s.ExitCode())
	}
	if s := CauseOf(context.Background()); s.Error() != "interrupted" || s.ExitCode() != 130 {
		t.Errorf("%v, code %d", s, s.ExitCode())
	}
}

package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/checkpoint"
)

func TestHowToGoOn(t *testing.T) {
	j := Job{Dir: t.TempDir() + "/it's mine"}
	quoted := `'` + strings.ReplaceAll(j.Dir, "'", `'\''`) + `'`
	full := fmt.Errorf("writing: %w", syscall.ENOSPC)
	for _, c := range []struct {
		err  error
		want string
	}{
		{context.Canceled, "context canceled: go on with xbm train --resume " + quoted},
		{&Unscored{Dir: "runs/a", Err: io.EOF}, "xbm eval runs/a and xbm embed runs/a take it as it is, xbm train --resume " + quoted + " makes them"},
		{full, full.Error()}, // there is no state to go on from
		{io.EOF, "EOF"},
	} {
		got := HowToGoOn(c.err, j)
		if !errors.Is(got, c.err) || !strings.HasSuffix(got.Error(), c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	store := Checkpoints(j.Dir)
	if err := store.Save(7, false, []checkpoint.Section{{Name: "record", State: &record.Position{}}}); err != nil {
		t.Fatal(err)
	}
	diverged := &trainer.Diverged{Step: 9, What: "the loss"}
	for _, c := range []struct {
		err  error
		want string
	}{
		{full, "the state after 7 steps is kept: xbm train --resume " + quoted + " goes on from there"},
		{diverged, "the state after 7 steps is kept: xbm train --resume " + quoted + " --skip-bad-batches goes on from there"},
		{io.EOF, "EOF"},
	} {
		if got := HowToGoOn(c.err, j); !errors.Is(got, c.err) || !strings.HasSuffix(got.Error(), c.want) {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	j.Config.SkipBadBatches = true
	if got := HowToGoOn(diverged, j); got != error(diverged) {
		t.Error(got)
	}
}

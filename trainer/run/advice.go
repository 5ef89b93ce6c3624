package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"crossbatch/trainer"
	"crossbatch/xbm/device"
)

// HowToGoOn adds to an error of job j the commands that continue the run, if the run was
// stopped, has diverged, has lost its device, or could not be written or scored. Other errors
// are returned as they are.
func HowToGoOn(err error, j Job) error {
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("%w: go on with xbm train --resume %s", err, Quoted(j.Dir))
	}
	if kept := (*Unscored)(nil); errors.As(err, &kept) {
		return fmt.Errorf("%w: xbm eval %s and xbm embed %s take it as it is, xbm train --resume %s makes them", err, Quoted(kept.Dir), Quoted(kept.Dir), Quoted(j.Dir))
	}
	flag := ""
	switch bad := (*trainer.Diverged)(nil); {
	case errors.As(err, &bad):
		if j.Config.SkipBadBatches {
			return err
		}
		flag = " --skip-bad-batches"
	case !device.IsLost(err) && !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, syscall.EDQUOT) && !errors.Is(err, syscall.EIO):
		return err
	}
	list, listErr := Checkpoints(j.Dir).List()
	if listErr != nil || len(list) == 0 {
		return err
	}
	return fmt.Errorf("%w; the state after %d steps is kept: xbm train --resume %s%s goes on from there", err, list[0].Step, Quoted(j.Dir), flag)
}

// Quoted returns a path quoted for a shell.
func Quoted(dir string) string {
	if strings.ContainsAny(dir, " '\"\\$`&|;()<>*?#~!") {
		return "'" + strings.ReplaceAll(dir, "'", `'\''`) + "'"
	}
	return dir
}

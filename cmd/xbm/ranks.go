package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/mpi"
	"crossbatch/trainer/ranks"
)

// errElsewhere ends a rank whose error another one prints.
var errElsewhere = errors.New("")

// onRanks runs an action on all processes that a launcher has started, which it gets as
// comm, nil for one alone. Of an error that all have, rank 0 tells; an error of one ends
// all. Other ranks than 0 show nothing else.
func onRanks(c *cli.Context, action func(comm ranks.Comm) error) error {
	world, err := mpi.Open()
	if err != nil {
		return err
	}
	if world == nil {
		return action(nil)
	}
	errOut := c.App.ErrWriter
	if world.Rank() > 0 {
		c.App.Writer, c.App.ErrWriter = io.Discard, io.Discard
	}
	err = action(world)
	if err != nil && !ranks.IsShared(err) {
		fmt.Fprintf(errOut, "xbm: rank %d of %d: %v\n", world.Rank(), world.Size(), err)
		world.Abort(err)
	}
	if closed := world.Close(); err == nil {
		err = closed
	} else if world.Rank() > 0 {
		return errElsewhere
	}
	return err
}

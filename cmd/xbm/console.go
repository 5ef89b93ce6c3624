package main

import (
	"io"
	"os"

	"go.uber.org/zap"

	"crossbatch/trainer/progress"
	"crossbatch/trainer/run"
)

// console shows how the work goes, on standard error.
type console struct {
	*progress.Console
	log *zap.Logger
}

func newConsole(out io.Writer) *console {
	c := progress.New(out)
	return &console{Console: c, log: c.Log}
}

// session is one that shows here how it goes.
func (c *console) session(loading run.Loading) *run.Session {
	return &run.Session{Loading: loading, Input: os.Stdin, Log: c.log, Progress: c.Run()}
}

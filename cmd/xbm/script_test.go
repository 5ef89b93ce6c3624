package main

import (
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"xbm": main,
	})
}

// The scripts are the command as its users see it.
func TestScripts(t *testing.T) {
	reference, err := filepath.Abs("../../testdata/reference/cases")
	if err != nil {
		t.Fatal(err)
	}
	scripts := testscript.Params{
		Dir:  "testdata",
		Cmds: scriptCommands(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("REFERENCE", reference)
			return nil
		},
	}
	if raced() {
		// The library's goroutines are tested in their packages, in one process. What is left
		// are those between the command and the library: a training that is resumed, studies
		// in processes, scores, an index.
		scripts.Dir = ""
		for _, name := range []string{"resume", "cells", "protocol", "eval", "index"} {
			scripts.Files = append(scripts.Files, filepath.Join("testdata", name+".txtar"))
		}
	}
	testscript.Run(t, scripts)
}

// raced tells whether this program has the race detector. It is slow in the processes that
// scripts start: five to ten times.
func raced() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

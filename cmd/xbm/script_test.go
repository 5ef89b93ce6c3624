package main

import (
	"path/filepath"
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
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: scriptCommands(),
		Setup: func(e *testscript.Env) error {
			e.Setenv("REFERENCE", reference)
			return nil
		},
	})
}

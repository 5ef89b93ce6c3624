package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"
	"golang.org/x/term"

	"crossbatch/eval/record"
)

func deleteRuns(c *cli.Context) error {
	dirs := c.Args().Slice()
	if len(dirs) == 0 {
		return errors.New("give the folders of the runs to delete: xbm runs delete RUN…")
	}
	// All are looked at before any goes.
	for _, dir := range dirs {
		if !record.IsRun(dir) {
			return fmt.Errorf("%s holds no run of its own: nothing was deleted; see xbm runs list", dir)
		}
		if record.Busy(dir) {
			return fmt.Errorf("the run in %s is going on: nothing was deleted; stop it first", dir)
		}
	}
	if !c.Bool("yes") {
		if err := askToDelete(c, dirs); err != nil {
			return err
		}
	}
	var deleted, kept []string
	for _, dir := range dirs {
		stay, err := record.Delete(dir)
		if err != nil {
			return fmt.Errorf("%w (deleted before that: %d)", err, len(deleted))
		}
		deleted, kept = append(deleted, dir), append(kept, stay...)
	}
	if c.Bool("json") {
		return json.NewEncoder(c.App.Writer).Encode(map[string][]string{"deleted": append([]string{}, deleted...), "kept": append([]string{}, kept...)})
	}
	for _, dir := range deleted {
		fmt.Fprintf(c.App.Writer, "deleted %s\n", dir)
	}
	for _, path := range kept {
		fmt.Fprintf(c.App.Writer, "kept %s, which is no run's\n", path)
	}
	return nil
}

// askToDelete wants a yes from a person.
func askToDelete(c *cli.Context, dirs []string) error {
	in := c.App.Reader
	if f, ok := in.(*os.File); ok && !term.IsTerminal(int(f.Fd())) {
		return fmt.Errorf("nothing was deleted: give --yes, there being nobody to ask")
	}
	fmt.Fprintf(c.App.ErrWriter, "delete %s? [y/N] ", strings.Join(dirs, ", "))
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("the answer cannot be read: %w: nothing was deleted", err)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errors.New("nothing was deleted")
}

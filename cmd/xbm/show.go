package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"crossbatch/eval/record"
)

// show prints a result: as one JSON object with --json, else as text.
func show(c *cli.Context, result any, text string) error {
	if c.Bool("json") {
		return record.EncodeJSON(c.App.Writer, result, "")
	}
	_, err := io.WriteString(c.App.Writer, text)
	return err
}

// say prints a result that is for people alone.
func say(c *cli.Context, format string, args ...any) error {
	_, err := fmt.Fprintf(c.App.Writer, format, args...)
	return err
}

// Command xbm trains embeddings with a cross-batch memory, studies what memory
// and batch size are worth, and checks its losses and metrics against reference
// numbers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/progress"
	"crossbatch/trainer/setting/flags"
)

func main() {
	os.Exit(execute(progress.UntilStopped(), os.Args, os.Stdout, os.Stderr))
}

func commands() []*cli.Command {
	return []*cli.Command{
		trainCommand(), evalCommand(), embedCommand(), exportCommand(), importCommand(), dataCommand(),
		ablateCommand(), protocolCommand(), reportCommand(), runsCommand(),
		indexCommand(), searchCommand(), serveCommand(),
		verifyCommand(), benchCommand(), devicesCommand(), cellCommand(),
	}
}

// execute is the whole command: results go to stdout, everything else to stderr.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	app := &cli.App{
		Name:  "xbm",
		Usage: "learn embeddings with a cross-batch memory",
		Description: "Deep metric learning with a memory of past batches: every pair loss mines against a\n" +
			"virtual batch as large as the memory, up to the whole data set.\n\n" +
			"Start with:  xbm train",
		Commands:       commands(),
		Writer:         stdout,
		ErrWriter:      stderr,
		ExitErrHandler: func(*cli.Context, error) {},
		OnUsageError:   usageError,
		HideVersion:    true,
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return fmt.Errorf("there is no command %q: see xbm --help", c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
	for _, c := range app.Commands {
		c.OnUsageError = usageError
		for _, sub := range c.Subcommands {
			sub.OnUsageError = usageError
		}
	}
	err := app.RunContext(ctx, flags.First(app.Commands, args))
	if err == nil {
		return 0
	}
	// Errors are of one line, but for what is to be copied, which is indented.
	if errors.Is(err, errElsewhere) {
		return 1
	}
	line, code := strings.NewReplacer("\n  ", "\n  ", "\n", " ").Replace(err.Error()), 1
	if errors.Is(err, context.Canceled) {
		cause := progress.CauseOf(ctx)
		line, code = strings.ReplaceAll(line, context.Canceled.Error(), cause.Error()), cause.ExitCode()
	}
	fmt.Fprintln(stderr, "xbm: "+line)
	return code
}

// usageError makes one line of a flag that is wrong, instead of the whole help.
func usageError(c *cli.Context, err error, _ bool) error {
	name := c.App.Name
	if c.Command != nil && c.Command.HelpName != "" {
		name = c.Command.HelpName // xbm bench memory
	}
	return fmt.Errorf("%w: see %s --help", err, name)
}

// noArguments refuses words that are not flags.
func noArguments(c *cli.Context) error {
	if c.Args().Present() {
		return fmt.Errorf("%q is not expected: flags begin with --, see %s --help", c.Args().First(), c.Command.HelpName)
	}
	return nil
}

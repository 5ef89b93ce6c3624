package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/urfave/cli/v2"
	"go.uber.org/zap"

	"crossbatch/eval/index"
	"crossbatch/eval/serve"
	"crossbatch/trainer/finder"
)

// tokenVariable holds the token, which others could read on a command line.
const tokenVariable = "XBM_TOKEN"

func serveCommand() *cli.Command {
	return &cli.Command{
		Name:        "serve",
		Usage:       "search an index in the browser, and over HTTP",
		ArgsUsage:   "INDEX",
		Description: help("serve"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "listen", Value: "127.0.0.1:8080", Usage: "`ADDRESS` and port; port 0: any that is free"},
			&cli.StringFlag{Name: "token", EnvVars: []string{tokenVariable}, Usage: "`TOKEN` that requests must bear, better given by the variable"},
			&cli.StringFlag{Name: "run", Usage: "`RUN` whose network to use: must be the index's (default: the copy in the index)"},
			&cli.Float64Flag{Name: "max-megabytes", Value: 16, Usage: "largest request, in `MB`"},
			&cli.Float64Flag{Name: "max-megapixels", Value: 64, Usage: "largest picture, in millions of pixels (`MP`)"},
			&cli.DurationFlag{Name: "timeout", Value: 30 * time.Second, Usage: "`TIME` that a request may take"},
			&cli.IntFlag{Name: "queue", Value: 64, Usage: "`NUMBER` of searches that may wait; more get 503"},
			&cli.IntFlag{Name: "map", Value: 20000, Usage: "`NUMBER` of pictures on the map"},
			&cli.IntFlag{Name: "threads", Usage: "`NUMBER` of threads; 0: as many as processors"},
		},
		Action: serveIndex,
	}
}

func serveIndex(c *cli.Context) (err error) {
	if c.Args().Len() != 1 {
		return fmt.Errorf("give one index: see %s --help", c.Command.HelpName)
	}
	for _, name := range []string{"max-megabytes", "max-megapixels"} {
		if v := c.Float64(name); !(v > 0 && v <= 1000) {
			return fmt.Errorf("--%s is %v: give a number above 0, 1000 at most", name, v)
		}
	}
	if err := threads(c); err != nil {
		return err
	}
	console := newConsole(c.App.ErrWriter)
	dir := c.Args().First()
	x, err := index.Open(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	e, err := finder.Open(cmp.Or(c.String("run"), dir))
	if err != nil {
		return err
	}
	e.MostPixels = int(1e6 * c.Float64("max-megapixels"))
	s, err := serve.New(serve.Config{Index: x, Encoder: e, Token: c.String("token"), MaxBytes: int64(1e6 * c.Float64("max-megabytes")),
		Timeout: c.Duration("timeout"), Queue: c.Int("queue"), MapRows: c.Int("map"), Log: console.log})
	if err != nil {
		return err
	}
	listener, isOpen, err := serve.Listen(c.String("listen"))
	if err != nil {
		s.Close()
		return err
	}
	if isOpen && c.String("token") == "" {
		console.log.Warn("anybody who reaches this address can search: give a token (" + tokenVariable + ")")
	}
	fmt.Fprintf(c.App.Writer, "%d pictures at http://%s/\n", x.Len(), listener.Addr())
	console.log.Info("serving; Ctrl-C to stop", zap.Int("pid", os.Getpid()))
	return s.Serve(c.Context, listener)
}

package main

import (
	"fmt"
	"runtime"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/run"
	"crossbatch/trainer/setting"
	"crossbatch/trainer/setting/flags"
)

// readingKeys are the settings of how a run's data is read when it is looked at again.
func readingKeys() []string {
	return []string{"skip-broken", "cache", "cache-memory", "threads", "device", "precision"}
}

// threads sets the number of threads that a command was given.
func threads(c *cli.Context) error {
	n := c.Int("threads")
	if n < 0 {
		return fmt.Errorf("threads is %d: give 0 (all) or more", n)
	}
	if n > 0 {
		runtime.GOMAXPROCS(n)
	}
	return nil
}

// openRun opens a run for a command: its configuration, but with the data set and
// the ways to read it that flags say, and its network for that.
func openRun(c *cli.Context, console *console, dir string) (*run.Model, error) {
	config := run.DefaultSettings()
	var err error
	if config.Config, err = run.Read(dir); err != nil {
		return nil, err
	}
	config.Device, config.Precision = "", "" // not those of the training
	flags.Apply(c, some(&config, readingKeys()...))
	if spec := c.String("data"); spec != "" && spec != config.Data.Set { // whose classes are others
		config.Data.Set, config.Data.TrainClasses = spec, 0
	}
	if err := setting.Validate(config.Loading.Settings()); err != nil {
		return nil, err
	}
	return console.session(config.Loading).Saved(dir, config.Config)
}

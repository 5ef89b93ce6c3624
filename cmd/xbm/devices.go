package main

import (
	"github.com/urfave/cli/v2"

	"crossbatch/xbm/device"
)

func devicesCommand() *cli.Command {
	return &cli.Command{
		Name:  "devices",
		Usage: "list what can be computed on: the processor and, in bin/xbm-cuda, NVIDIA's cards",
		Action: func(c *cli.Context) error {
			if err := noArguments(c); err != nil {
				return err
			}
			return say(c, "%s", device.Table())
		},
	}
}

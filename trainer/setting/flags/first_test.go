package flags

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestFlagsMayFollowOtherWords(t *testing.T) {
	commands := []*cli.Command{
		{Name: "report", Flags: []cli.Flag{&cli.StringFlag{Name: "out"}, &cli.BoolFlag{Name: "json"}}},
		{Name: "runs", Subcommands: []*cli.Command{{Name: "delete", Flags: []cli.Flag{&cli.BoolFlag{Name: "yes"}}}}},
	}
	for given, want := range map[string]string{
		"xbm":                                  "xbm",
		"xbm report":                           "xbm report",
		"xbm report a b --out x --json c":      "xbm report --out x --json a b c",
		"xbm report a --out=x b -out y":        "xbm report --out=x -out y a b",
		"xbm report --json a -- --out x":       "xbm report --json a -- --out x",
		"xbm report a --out":                   "xbm report --out a",
		"xbm report a --unknown b":             "xbm report --unknown a b",
		"xbm report a - b":                     "xbm report a - b",
		"xbm runs delete a --yes b":            "xbm runs delete --yes a b",
		"xbm runs nothing a --yes":             "xbm runs --yes nothing a",
		"xbm nothing a --yes":                  "xbm nothing a --yes",
		"xbm --help report a --out x --json y": "xbm --help report a --out x --json y",
	} {
		if got := strings.Join(First(commands, strings.Fields(given)), " "); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
}

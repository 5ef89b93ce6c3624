package flags

import (
	"errors"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"crossbatch/trainer/setting"
)

// side reads and writes itself.
type side string

func (s side) String() string { return string(s) }

func (s *side) UnmarshalText(text []byte) error {
	if *s = side(text); *s != "left" && *s != "right" {
		return errors.New("give left or right")
	}
	return nil
}

type config struct {
	text  string
	count int
	steps int64
	seed  uint64
	rate  float64
	loud  bool
	side  side
}

func (c *config) settings() []setting.Setting {
	var list []setting.Setting
	for key, at := range map[string]any{"text": &c.text, "count": &c.count, "steps": &c.steps, "seed": &c.seed, "rate": &c.rate, "loud": &c.loud, "side": &c.side} {
		list = append(list, setting.Setting{Key: key, Value: at, Group: "All", Help: "a " + key})
	}
	return list
}

// run is what a command with these words makes of the defaults.
func run(defaults config, words ...string) (got config, help string, err error) {
	var out strings.Builder
	got = defaults
	got.text = "of a file" // set between the defaults and the flags
	declared := defaults
	app := &cli.App{
		Name: "toy", Writer: &out, ErrWriter: &out, Flags: Of(declared.settings()), ExitErrHandler: func(*cli.Context, error) {},
		Action: func(c *cli.Context) error { Apply(c, got.settings()); return nil },
	}
	err = app.Run(append([]string{"toy"}, words...))
	return got, out.String(), err
}

func TestFlagsSetWhatIsGiven(t *testing.T) {
	defaults := config{text: "a", count: 1, steps: 2, seed: 3, rate: 0.5, side: "left"}
	want := defaults
	want.text = "of a file"
	if got, _, err := run(defaults); err != nil || got != want {
		t.Errorf("%+v: %v", got, err)
	}
	got, _, err := run(defaults, "--text", "b", "--count", "4", "--steps", "5", "--seed", "6", "--rate", "1e-3", "--loud", "--side", "right")
	if want := (config{"b", 4, 5, 6, 1e-3, true, "right"}); err != nil || got != want {
		t.Errorf("%+v: %v", got, err)
	}
	if _, _, err := run(defaults, "--side", "up"); err == nil || !strings.Contains(err.Error(), "give left or right") {
		t.Error(err)
	}
}

func TestHelpHasTheDefaults(t *testing.T) {
	_, help, err := run(config{count: 7, side: "left"}, "--help")
	if err != nil || !strings.Contains(help, "a count (default: 7)") || !strings.Contains(help, "a side (default: left)") {
		t.Errorf("%v: %s", err, help)
	}
}

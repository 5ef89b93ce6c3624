package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/urfave/cli/v2"
)

// every calls f for all commands and their own.
func every(list []*cli.Command, words string, f func(words string, c *cli.Command)) {
	for _, c := range list {
		f(words+" "+c.Name, c)
		every(c.Subcommands, words+" "+c.Name, f)
	}
}

func TestExamplesInHelpAreCommandsWithTheirFlags(t *testing.T) {
	flag, examples := regexp.MustCompile(`(?:^| )--([a-z-]+)`), 0
	every(commands(), "xbm", func(words string, c *cli.Command) {
		for line := range strings.SplitSeq(c.Description, "\n") {
			at := strings.Index(line, "xbm ")
			if !strings.HasPrefix(line, "  ") || at < 0 {
				continue
			}
			examples++
			command, _, _ := strings.Cut(line[at:], "   ") // what follows says what it does
			list, args := commands(), strings.Fields(command)[1:]
			var asked *cli.Command
			for len(args) > 0 {
				i := slices.IndexFunc(list, func(c *cli.Command) bool { return c.HasName(args[0]) })
				if i < 0 {
					break
				}
				asked, list, args = list[i], list[i].Subcommands, args[1:]
			}
			if asked == nil {
				t.Errorf("%s --help has %q, which is no command", words, line)
				continue
			}
			for _, m := range flag.FindAllStringSubmatch(command, -1) {
				if !slices.ContainsFunc(asked.Flags, func(f cli.Flag) bool { return slices.Contains(f.Names(), m[1]) }) && m[1] != "help" {
					t.Errorf("%s --help has %q, and %s has no --%s", words, line, asked.Name, m[1])
				}
			}
		}
	})
	if examples < 50 {
		t.Errorf("%d examples were found: the search for them is wrong", examples)
	}
}

func TestEveryHelpTextIsUsedAndFits(t *testing.T) {
	files, err := helpTexts.ReadDir("help")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, used := help(strings.TrimSuffix(f.Name(), ".txt")), false
		every(commands(), "xbm", func(_ string, c *cli.Command) { used = used || strings.HasPrefix(c.Description, text) })
		if !used {
			t.Errorf("no command has %s", f.Name())
		}
		for line := range strings.SplitSeq(text, "\n") {
			if utf8.RuneCountInString(line) > 110 || strings.ContainsRune(line, '\t') {
				t.Errorf("%s: %q is wider than a terminal", f.Name(), line)
			}
		}
	}
}

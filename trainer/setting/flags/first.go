package flags

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"
)

// First moves the flags of a command before its other words, where urfave/cli, which
// stops at the first word that is no flag, finds them: xbm report DIR --out FILE is what
// people write. args begins with the program; after -- nothing is moved.
func First(commands []*cli.Command, args []string) []string {
	at := 1 // the command's words come before all
	var command *cli.Command
	for at < len(args) {
		i := slices.IndexFunc(commands, func(c *cli.Command) bool { return c.HasName(args[at]) })
		if i < 0 {
			break
		}
		command, commands = commands[i], commands[i].Subcommands
		at++
	}
	if command == nil {
		return args
	}
	var flags, words []string
	for rest := args[at:]; len(rest) > 0; rest = rest[1:] {
		word := rest[0]
		if word == "--" {
			words = append(words, rest...)
			break
		}
		if len(word) < 2 || word[0] != '-' {
			words = append(words, word)
			continue
		}
		flags = append(flags, word)
		if len(rest) > 1 && takesValue(command, strings.TrimLeft(word, "-")) {
			rest = rest[1:]
			flags = append(flags, rest[0])
		}
	}
	return slices.Concat(args[:at:at], flags, words)
}

// takesValue says whether the word after a flag belongs to it.
func takesValue(command *cli.Command, name string) bool {
	for _, f := range command.Flags {
		if _, isBool := f.(*cli.BoolFlag); !isBool && slices.Contains(f.Names(), name) {
			return true
		}
	}
	return false
}

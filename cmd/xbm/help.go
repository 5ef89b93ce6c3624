package main

import (
	"embed"
	"strings"
)

// The longer descriptions of commands are text, to be read and mended as such. A test
// runs through their examples.
//
//go:embed help/*.txt
var helpTexts embed.FS

// help is the description of a command.
func help(command string) string {
	text, err := helpTexts.ReadFile("help/" + command + ".txt")
	if err != nil {
		panic(err) // a test asks for all of them
	}
	return strings.TrimSuffix(string(text), "\n")
}

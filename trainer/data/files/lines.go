package files

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
)

// maxLine bounds a line of a list.
const maxLine = 1 << 16

// Lines calls f for each line of a text file, with its number, from 1, and its words separated
// by white space. It leaves out the first skip lines and empty ones. An error of f ends it and
// is returned with the file and the line.
func (s *Source) Lines(name string, skip int, f func(line int, words []string) error) error {
	file, err := s.File(name)
	if err != nil {
		return err
	}
	r, err := file.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(name), Bare(err))
	}
	defer func() { _ = r.Close() }() // it was only read
	text, err := Text(r)
	if err != nil {
		return fmt.Errorf("%s: %w", s.Name(name), Bare(err))
	}
	scanner := bufio.NewScanner(text)
	scanner.Buffer(make([]byte, 0, 4096), maxLine)
	number := 0
	for scanner.Scan() {
		number++
		words := strings.Fields(scanner.Text())
		if number <= skip || len(words) == 0 {
			continue
		}
		if err := f(number, words); err != nil {
			return fmt.Errorf("%s, line %d: %w", s.Name(name), number, err)
		}
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("%s, line %d: %w", s.Name(name), number+1, err)
	}
	return nil
}

// FirstNumber returns the number on the first line of a text file.
func (s *Source) FirstNumber(name string) (int, error) {
	found := 0
	err := s.Lines(name, 0, func(line int, words []string) (err error) {
		if line == 1 {
			if found, err = strconv.Atoi(words[0]); err != nil || len(words) != 1 {
				return WrongLine(words, "the number of images")
			}
		}
		return nil
	})
	return found, err
}

// WrongLine returns the error about a line that is not as it should be. want says how it
// should be.
func WrongLine(words []string, want string) error {
	return fmt.Errorf("%q: want %s", strings.Join(words, " "), want)
}

package files

import (
	"bufio"
	"fmt"
	"strconv"
	"strings"
)

// maxLine bounds a line of a list.
const maxLine = 1 << 16

// Lines calls f for each line of a text file but the first skip and empty ones,
// with its number and blank-separated words. An error of f gets the file and line.
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

// FirstNumber is what the first line of a list says.
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

// WrongLine is the error about a line that is not what it should be.
func WrongLine(words []string, want string) error {
	return fmt.Errorf("%q: want %s", strings.Join(words, " "), want)
}

package study

import (
	"fmt"
	"hash/fnv"
	"strings"
)

// longest is the longest part of a cell's name that a value may be, so that names
// of many axes still fit a folder's.
const longest = 48

// name is a setting as a part of a folder's name.
func (s Setting) name() string {
	value := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '.', r == '-', r == '=', r == '+':
			return r
		}
		return '-'
	}, strings.ReplaceAll(s.Value, "%", "pct"))
	if len(value) > longest {
		h := fnv.New32a()
		_, _ = h.Write([]byte(value)) // never fails
		value = fmt.Sprintf("%s-%08x", value[:longest-9], h.Sum32())
	}
	return s.Key + "-" + value
}

package record

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"reflect"

	"crossbatch/eval/event"
)

// Metrics reads the metrics of the run folder dir, an event at a time. A last line
// that is cut short, as a killed run leaves it, is passed over, and so is an event of a
// kind that only a later version knows; any other that is no line of metrics is an
// error, after which nothing comes.
func Metrics(dir string) iter.Seq2[event.Event, error] {
	path := filepath.Join(dir, MetricsFile)
	return func(yield func(event.Event, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield(nil, fmt.Errorf("record: %w", err))
			return
		}
		defer func() { _ = f.Close() }() // only read
		lines := bufio.NewReader(f)
		for n := 1; ; n++ {
			text, err := readLine(lines)
			whole := err == nil
			if err != nil && !errors.Is(err, io.EOF) {
				yield(nil, fmt.Errorf("record: %s: line %d: %w", path, n, err))
				return
			}
			if text = bytes.TrimSpace(text); len(text) > 0 {
				if e, err := readEvent(text); err == nil {
					if !yield(e, nil) {
						return
					}
				} else if whole && !errors.Is(err, event.ErrUnknown) {
					yield(nil, fmt.Errorf("record: %s: line %d is damaged: %w", path, n, err))
					return
				}
			}
			if !whole {
				return
			}
		}
	}
}

// readEvent reads a line, with the numbers back that were not finite.
func readEvent(text []byte) (event.Event, error) {
	e, err := event.Parse(text)
	if err != nil || !bytes.Contains(text, []byte(notFinite)) {
		return e, err
	}
	v := reflect.New(reflect.TypeOf(e))
	if err := parse(text, v.Interface()); err != nil {
		return nil, err
	}
	return v.Elem().Interface().(event.Event), nil
}

// readLine reads up to the end of a line, which has at most MaxText bytes, or of
// the file: then the error is io.EOF.
func readLine(r *bufio.Reader) (line []byte, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if line = append(line, part...); len(line) > MaxText {
			return nil, fmt.Errorf("it has more than %d bytes, which no line of metrics has", MaxText)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

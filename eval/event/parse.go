package event

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrUnknown says that a line is of no kind of event.
var ErrUnknown = errors.New("no kind of event")

// Parse reads an event that was written as JSON. A line does not name its kind: a key
// that no other kind has tells it. Keys that are not known are passed over, so that
// events of later versions can be read.
func Parse(line []byte) (Event, error) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		return nil, err
	}
	has := func(e Event) bool { _, ok := keys[e.key()]; return ok }
	switch {
	case has(Step{}):
		return read[Step](line)
	case has(Validation{}):
		return read[Validation](line)
	case has(Inspection{}):
		return read[Inspection](line)
	case has(MemoryStart{}):
		return read[MemoryStart](line)
	case has(Direction{}):
		return read[Direction](line)
	case has(Collapse{}):
		return read[Collapse](line)
	}
	for _, key := range []string{"drift", "memory_error"} {
		if _, ok := keys[key]; ok {
			return read[Drift](line)
		}
	}
	return nil, fmt.Errorf("%w: it has the keys of none", ErrUnknown)
}

func read[E Event](line []byte) (Event, error) {
	var e E
	err := json.Unmarshal(line, &e)
	return e, err
}

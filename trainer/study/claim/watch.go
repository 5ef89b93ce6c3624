package claim

import "time"

// Watch watches the heartbeats of others. The zero value with a Folder is ready. It is
// for one goroutine.
type Watch struct {
	Folder Folder
	seen   map[string]sight
}

// sight is what was seen of a piece of work, and since when it is so.
type sight struct {
	state State
	since time.Time
}

// Silent looks at a piece of work, and returns the generation of its owner where the
// heartbeat has stood still over looks for as long as it takes; else 0.
func (w *Watch) Silent(name string) (generation int, err error) {
	s, err := w.Folder.Look(name)
	if err != nil || s.Word != Held {
		return 0, err
	}
	was, known := w.seen[name]
	if !known || was.state.Generation != s.Generation || was.state.Beat != s.Beat {
		if w.seen == nil {
			w.seen = map[string]sight{}
		}
		w.seen[name] = sight{s, time.Now()}
		return 0, nil
	}
	// By the clock that stands still while this machine sleeps: the other had no time.
	if time.Since(was.since) >= w.Folder.silence() {
		return s.Generation, nil
	}
	return 0, nil
}

// Free tells whether Take would succeed now.
func (w *Watch) Free(name string) (free bool, state State, silent int, err error) {
	if silent, err = w.Silent(name); err != nil {
		return false, state, 0, err
	}
	if state, err = w.Folder.Look(name); err != nil {
		return false, state, 0, err
	}
	return state.Word != Held || state.Generation == silent || state.Owner.gone(Here()), state, silent, nil
}

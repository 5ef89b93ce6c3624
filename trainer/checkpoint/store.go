package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
)

// Files is a folder for checkpoints.
type Files interface {
	// Write makes a file out of what write writes, on the disk and whole, or not
	// at all.
	Write(name string, write func(io.Writer) error) error
	// Read returns a file.
	Read(name string) ([]byte, error)
	// List names the files that there are; a folder that is not there has none.
	List() ([]string, error)
	Remove(name string) error
}

// Store keeps the checkpoints of one training: the newest, and the newest of
// those that were best. Files that are none of its own stay as they are.
type Store struct {
	Files Files
	Keep  int // how many of the newest, 0 meaning 2
}

// Kept is a checkpoint in a store.
type Kept struct {
	Name string
	Step int64 // steps done
	Best bool
}

// kept takes a file's name apart.
var kept = regexp.MustCompile(`^step-([0-9]{9,18})(-best)?\.checkpoint$`)

// List returns the checkpoints, from the newest on.
func (s Store) List() ([]Kept, error) {
	names, err := s.Files.List()
	if err != nil {
		return nil, err
	}
	var list []Kept
	for _, name := range names {
		if m := kept.FindStringSubmatch(name); m != nil {
			step, err := strconv.ParseInt(m[1], 10, 64)
			if err != nil {
				return nil, fmt.Errorf("checkpoint: %s: %w", name, err)
			}
			list = append(list, Kept{Name: name, Step: step, Best: m[2] != ""})
		}
	}
	slices.SortFunc(list, func(a, b Kept) int {
		if a.Step != b.Step {
			return int(max(-1, min(1, b.Step-a.Step)))
		}
		return len(b.Name) - len(a.Name)
	})
	return list, nil
}

// Save writes a checkpoint after so many steps and then removes the ones that are
// no longer kept. best says that it is the best so far. After an error those that
// there were are still there.
func (s Store) Save(step int64, best bool, sections []Section) error {
	name := fmt.Sprintf("step-%09d", step)
	if best {
		name += "-best"
	}
	name += ".checkpoint"
	if err := s.Files.Write(name, func(w io.Writer) error { return Write(w, sections) }); err != nil {
		return err
	}
	list, err := s.List()
	if err != nil {
		return err
	}
	keep := s.Keep
	if keep == 0 {
		keep = 2
	}
	// Of those after this step, which a damaged checkpoint had the training do
	// again, none counts.
	recent, bests := 0, 0
	for _, k := range list {
		if k.Step > step {
			continue
		}
		stays := recent < keep
		recent++
		if k.Best {
			stays = stays || bests == 0
			bests++
		}
		if !stays {
			if err := s.Files.Remove(k.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// ErrNone says that a store has no checkpoint.
var ErrNone = errors.New("there is no checkpoint")

// Load gives the newest checkpoint to restore. If the file is damaged, or restore
// returns an error that wraps ErrCorrupt, it goes on with the one before. damaged
// says of each that was passed over why. If all are, the error wraps ErrCorrupt,
// and if there are none, it is ErrNone; else it is that of restore.
func (s Store) Load(restore func(*Content) error) (from Kept, damaged []error, err error) {
	list, err := s.List()
	if err != nil {
		return Kept{}, nil, err
	}
	if len(list) == 0 {
		return Kept{}, nil, ErrNone
	}
	for _, k := range list {
		err := s.load(k, restore)
		if !errors.Is(err, ErrCorrupt) {
			return k, damaged, err
		}
		damaged = append(damaged, err)
	}
	return Kept{}, damaged, fmt.Errorf("checkpoint: none of %d can be read: %w", len(list), damaged[0])
}

func (s Store) load(k Kept, restore func(*Content) error) error {
	file, err := s.Files.Read(k.Name)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err) // by its disk
	}
	c, err := Parse(file)
	if err == nil {
		err = restore(c)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", k.Name, err)
	}
	return nil
}

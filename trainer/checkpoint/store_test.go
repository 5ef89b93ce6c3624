package checkpoint

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// drawer is a folder in memory.
type drawer struct {
	files map[string][]byte
	fail  error // of the next Write
}

func (d *drawer) Write(name string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil || d.fail != nil {
		return errors.Join(err, d.fail)
	}
	d.files[name] = b.Bytes()
	return nil
}

func (d *drawer) Read(name string) ([]byte, error) {
	if b, ok := d.files[name]; ok {
		return b, nil
	}
	return nil, os.ErrNotExist
}

func (d *drawer) List() ([]string, error) { return slices.Collect(maps.Keys(d.files)), nil }

func (d *drawer) Remove(name string) error { delete(d.files, name); return nil }

func (d *drawer) names() string {
	return strings.Join(slices.Sorted(maps.Keys(d.files)), " ")
}

func save(t *testing.T, s Store, step int64, best bool) {
	t.Helper()
	if err := s.Save(step, best, list("step", fmt.Sprint(step))); err != nil {
		t.Fatal(err)
	}
}

// load returns what was restored.
func load(s Store) (string, []error, error) {
	step := new(text)
	k, damaged, err := s.Load(func(c *Content) error { return c.Restore([]Section{{"step", step}}) })
	if err == nil && fmt.Sprint(k.Step) != string(*step) {
		err = fmt.Errorf("%s was restored from %s", *step, k.Name)
	}
	return string(*step), damaged, err
}

func TestTheNewestAndTheBestAreKept(t *testing.T) {
	d := &drawer{files: map[string][]byte{"notes.txt": nil, "a-step-1.checkpoint": nil}}
	s := Store{Files: d, Keep: 2}
	for _, c := range []struct {
		step int64
		best bool
		want string
	}{
		{10, false, "step-000000010.checkpoint"},
		{20, true, "step-000000010.checkpoint step-000000020-best.checkpoint"},
		{30, false, "step-000000020-best.checkpoint step-000000030.checkpoint"},
		{40, false, "step-000000020-best.checkpoint step-000000030.checkpoint step-000000040.checkpoint"},
		{50, false, "step-000000020-best.checkpoint step-000000040.checkpoint step-000000050.checkpoint"},
		{60, true, "step-000000050.checkpoint step-000000060-best.checkpoint"},
		{1_000_000_000, false, "step-000000060-best.checkpoint step-1000000000.checkpoint"},
	} {
		save(t, s, c.step, c.best)
		if got, want := d.names(), "a-step-1.checkpoint notes.txt "+c.want; got != want {
			t.Errorf("after step %d: %s, want %s", c.step, got, want)
		}
	}
	if got, damaged, err := load(s); got != "1000000000" || damaged != nil || err != nil {
		t.Errorf("%s, %v, %v", got, damaged, err)
	}
}

func TestADamagedCheckpointIsPassedOver(t *testing.T) {
	d := &drawer{files: map[string][]byte{}}
	s := Store{Files: d}
	if _, _, err := load(s); !errors.Is(err, ErrNone) {
		t.Errorf("an empty store: %v", err)
	}
	save(t, s, 10, false)
	save(t, s, 20, false)
	d.files["step-000000020.checkpoint"][30] ^= 1
	got, damaged, err := load(s)
	if got != "10" || err != nil || len(damaged) != 1 || !strings.Contains(damaged[0].Error(), "step-000000020.checkpoint: checkpoint: byte") {
		t.Errorf("%s, %v, %v", got, damaged, err)
	}
	// What comes before the damaged one does not push out the whole one.
	save(t, s, 15, false)
	if got, _, err := load(s); got != "15" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	if want := "step-000000010.checkpoint step-000000015.checkpoint step-000000020.checkpoint"; d.names() != want {
		t.Errorf("%s, want %s", d.names(), want)
	}
	for _, b := range d.files {
		b[len(b)-1] ^= 1
	}
	if _, damaged, err := load(s); !errors.Is(err, ErrCorrupt) || len(damaged) != 3 {
		t.Errorf("all are damaged: %v, %v", damaged, err)
	}
}

// An error that is not damage is not passed over: the one before would be as
// wrong.
func TestAnotherConfigurationIsNoDamage(t *testing.T) {
	d := &drawer{files: map[string][]byte{}}
	s := Store{Files: d}
	save(t, s, 10, false)
	save(t, s, 20, false)
	other := errors.New("another configuration")
	if _, damaged, err := s.Load(func(*Content) error { return other }); !errors.Is(err, other) || damaged != nil {
		t.Errorf("%v, %v", damaged, err)
	}
	d.files["step-000000020.checkpoint"] = appendHeader(nil, 9)
	if _, damaged, err := load(s); !errors.Is(err, ErrVersion) || damaged != nil {
		t.Errorf("a later version: %v, %v", damaged, err)
	}
}

func TestAFailedSaveLosesNothing(t *testing.T) {
	d := &drawer{files: map[string][]byte{}}
	s := Store{Files: d, Keep: 1}
	save(t, s, 10, false)
	d.fail = errors.New("no space left")
	if err := s.Save(20, false, list("step", "20")); !errors.Is(err, d.fail) {
		t.Error(err)
	}
	if got, _, err := load(s); got != "10" || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

package trainer

import (
	"encoding"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"crossbatch/trainer/data"
	"crossbatch/trainer/setting"
)

// fields are pointers to all fields of a struct that are no structs themselves, by
// name.
func fields(v reflect.Value, path string) map[any]string {
	all := map[any]string{}
	for i := range v.NumField() {
		name := path + v.Type().Field(i).Name
		f := v.Field(i)
		if _, isText := f.Addr().Interface().(encoding.TextUnmarshaler); f.Kind() == reflect.Struct && !isText {
			for p, n := range fields(f, name+".") {
				all[p] = n
			}
		} else {
			all[f.Addr().Interface()] = name
		}
	}
	return all
}

func TestEveryFieldIsASettingWithHelpUnitAndRange(t *testing.T) {
	var c Config
	unbound := fields(reflect.ValueOf(&c).Elem(), "")
	if len(unbound) < 50 {
		t.Fatalf("only %d fields", len(unbound))
	}
	for _, s := range c.Settings() {
		if _, ok := unbound[s.Value]; !ok {
			t.Errorf("setting %q is bound to no field, or to one of another", s.Key)
		}
		delete(unbound, s.Value)
	}
	for _, name := range unbound {
		t.Errorf("field %s has no row in Settings", name)
	}
	for _, err := range setting.Incomplete(c.Settings()) {
		t.Error(err)
	}
}

// Values of every type come back from a configuration file, zeros among them.
func TestAConfigurationFileHoldsEverySetting(t *testing.T) {
	c := Default()
	for i, s := range c.Settings() {
		switch v := s.Value.(type) {
		case *string:
			*v = s.Key + ":x=1"
		case *int:
			*v = i + 1
		case *int64:
			*v = int64(i) + 1
		case *uint64:
			*v = 1<<63 + uint64(i)
		case *float64:
			*v = 0.1 + float64(i)
		case *bool:
			*v = !*v
		case *Start:
			*v = StartAuto
		case *data.Size:
			*v = data.Size{Height: 128, Width: 64}
		default:
			t.Fatalf("%s: %T", s.Key, v)
		}
	}
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var back Config
	if err := yaml.Unmarshal(text, &back); err != nil || back != c {
		t.Errorf("%v: wrote\n%s and read\n%+v", err, text, back)
	}
	if n := len(strings.Split(strings.TrimSpace(string(text)), "\n")); n != len(c.Settings()) {
		t.Errorf("%d lines of %d settings:\n%s", n, len(c.Settings()), text)
	}
}

// A setting that came later is not in the file of a run that does not use it.
func TestAnUnusedLaterSettingIsNotInTheFile(t *testing.T) {
	text, err := yaml.Marshal(Default())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "data: glyphs\nsplit-seed: 1\nbackbone: conv4\nwidth: 32\n") || strings.Contains(string(text), "chunk") {
		t.Error(string(text))
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	var c Config
	d := yaml.NewDecoder(strings.NewReader("dim: 3\nbatchsize: 2\nsteps: x\n"))
	d.KnownFields(true)
	err := d.Decode(&c)
	if err == nil || !strings.HasSuffix(err.Error(), "line 2: field batchsize not found\n  line 3: cannot unmarshal !!str `x` into int64") {
		t.Errorf("%v", err)
	}
}

// What needs no training depends on the data, the network and the seed, and on
// nothing else that is known; a new setting is a part of it unless its row says
// otherwise.
func TestUntrained(t *testing.T) {
	var c Config
	kept := setting.Keys(c.Settings(), func(s setting.Setting) bool { return s.Scope == setting.Everything })
	want := []string{"data", "split-seed", "image-size", "skip-broken", "augment", "train-classes", "backbone", "width", "dim", "weights",
		"max-pool", "layer-norm", "head", "head-width", "seed", "folds", "fold", "class-order", "resize", "init", "token-pool"}
	if !slices.Equal(kept, want) {
		t.Errorf("scores before training depend on %v, want %v: give the row of the new setting its scope", kept, want)
	}
	a, b := Default(), Default()
	a.Loss.Spec, a.Optimizer.LR, a.Memory.Size, a.Watch.DriftEvery = "triplet", 1, "0", 3
	if a.Untrained() != b.Untrained() {
		t.Error("they depend on the loss, the learning rate, the memory or the looks at drift")
	}
	b.Network.Dim = 7
	if a.Untrained() == b.Untrained() || a.Untrained().Network.Dim != 128 {
		t.Error("they do not depend on dim")
	}
}

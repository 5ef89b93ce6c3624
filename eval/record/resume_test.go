package record

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/event"
)

// line appends a line of metrics.
func line(t *testing.T, r *Run, step int) {
	t.Helper()
	if err := r.Metric(event.Step{Step: int64(step), LR: 0.5}); err != nil {
		t.Fatal(err)
	}
}

func TestAResumedRunIsCutOffAndGoesOn(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir, false)
	line(t, r, 0)
	at, err := r.Sync()
	if err != nil {
		t.Fatal(err)
	}
	events := content(t, dir, EventsFile)
	line(t, r, 1)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	want := content(t, dir, MetricsFile)

	// Killed in the midst of a line, and of writing a file.
	if err := os.WriteFile(filepath.Join(dir, MetricsFile), []byte(want+`{"st`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, tempPrefix+"scores.json-1"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	state, _ := at.AppendBinary(nil)
	var restored Position
	if err := errors.Join(restored.UnmarshalBinary(state), restored.Check(dir)); err != nil || restored != at {
		t.Fatalf("%v, want %v (%v)", restored, at, err)
	}
	if r, err = Resume(dir, restored, Options{}); err != nil {
		t.Fatal(err)
	}
	if got := content(t, dir, EventsFile); got != events {
		t.Errorf("%d bytes of events, want %d", len(got), len(events))
	}
	line(t, r, 1)
	if got := content(t, dir, MetricsFile); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	end, err := r.Sync()
	if err != nil || end.Check(dir) != nil || end.Metrics != int64(len(want)) {
		t.Errorf("at %v (%v)", end, err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if names, _ := r.List(); strings.Contains(strings.Join(names, " "), tempPrefix) {
		t.Errorf("%v: half a file was left", names)
	}

	// Events that are gone are no reason to stop.
	if err := os.Remove(filepath.Join(dir, EventsFile)); err != nil {
		t.Fatal(err)
	}
	if r, err = Resume(dir, end, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil || !strings.Contains(content(t, dir, EventsFile), "brain.Event:2") {
		t.Errorf("no new events (%v)", err)
	}
}

func TestMetricsThatHaveChangedAreNoticed(t *testing.T) {
	dir := t.TempDir()
	r := create(t, dir, false)
	line(t, r, 0)
	at, err := r.Sync()
	if err != nil {
		t.Fatal(err)
	}
	line(t, r, 1)
	whole := content(t, dir, MetricsFile)
	for _, damaged := range []string{"", whole[:at.Metrics-1], strings.Replace(whole, "0.5", "0.6", 1)} {
		if err := os.WriteFile(filepath.Join(dir, MetricsFile), []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := at.Check(dir); !errors.Is(err, ErrChanged) || !strings.Contains(err.Error(), MetricsFile) {
			t.Errorf("%q: %v", damaged, err)
		}
	}
	for _, state := range []string{"", "12345678901234567890x", "\x00\x00\x00\x00\x00\x00\x00\xff123456789012"} {
		if new(Position).UnmarshalBinary([]byte(state)) == nil {
			t.Errorf("%q is taken for a position", state)
		}
	}
}

func TestTheSecondOfTwoIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "runs", "a")
	lock, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("%v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if lock, err = Lock(dir); err != nil {
		t.Fatal(err)
	}
	if err := create(t, dir, false).Close(); err != nil { // a lock is no use of the folder
		t.Error(err)
	}
	if err := lock.Close(); err != nil {
		t.Error(err)
	}
}

func TestPlans(t *testing.T) {
	dir := t.TempDir()
	type plan struct{ Baseline bool }
	r, err := Create(dir, config{}, Options{Plan: plan{true}})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var got plan
	if err := Plan(dir, &got); err != nil || !got.Baseline {
		t.Errorf("%v (%v)", got, err)
	}
	for text, want := range map[string]string{
		`{"version":2}`:              "version 2, and this program knows up to 1",
		`{"version":0}`:              "damaged",
		`{}`:                         "damaged",
		`{"version":1,"plan":[7]}`:   "plan",
		`{"version":1`:               "damaged",
		`{"version":1,"plan":{}}`:    "",
		`{"version":1,"later":true}`: "",
	} {
		if err := os.WriteFile(filepath.Join(dir, PlanFile), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := Plan(dir, &got); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
		if _, err := Open(dir); strings.Contains(text, ":2") && !errors.Is(err, ErrVersion) {
			t.Errorf("%s is opened (%v)", text, err)
		}
	}
	if err := os.Remove(filepath.Join(dir, PlanFile)); err != nil {
		t.Fatal(err)
	}
	if err := Plan(dir, &got); err != nil {
		t.Errorf("a folder of the version before: %v", err)
	}
}

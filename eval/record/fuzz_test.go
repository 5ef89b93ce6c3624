package record

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Whatever the files of a run folder hold, reading it is an error that names the
// file, or none; and a run that is resumed has no more metrics than it had.
func FuzzRunFolder(f *testing.F) {
	f.Add("seed: 1\n", "{\"step\":0,\"lr\":0.5}\n{\"st", `{"run":"a","test":{"recall":{"1":0.5}}}`, `{"go":"go1","started":"2026-01-01T00:00:00Z"}`, `{"version":1,"plan":{}}`, `{"steps":3}`)
	f.Add("a: &a [*a]\n", "\n\n[]\n", `{"test":{"recall":{"x":1}}}`, `{"started":1}`, `{"version":-1}`, `{"validation":7}`)
	f.Add("[", strings.Repeat("x", 100), "{}{}", "[]", `{"version":99999999999999999999}`, "null")
	f.Fuzz(func(t *testing.T, config, metrics, scores, environment, plan, trial string) {
		dir := t.TempDir()
		size := 0
		for name, text := range map[string]string{ConfigFile: config, MetricsFile: metrics, ScoresFile: scores, EnvironmentFile: environment, PlanFile: plan, TrialFile: trial} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
			size += len(text)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Open(dir)
		_, trialErr := ReadTrial(dir)
		for _, err := range []error{err, trialErr, Plan(dir, &struct{ Baseline bool }{})} {
			if err != nil && !strings.Contains(err.Error(), dir) {
				t.Errorf("%v: names no file", err)
			}
		}
		lines := 0
		for _, err := range Metrics(dir) {
			if err != nil && !strings.Contains(err.Error(), MetricsFile+": line ") {
				t.Errorf("%v: names no line", err)
			}
			lines++
		}
		if most := strings.Count(metrics, "\n") + 1; lines > most {
			t.Errorf("%d lines of at most %d", lines, most)
		}
		runtime.ReadMemStats(&after)
		if got, most := after.TotalAlloc-before.TotalAlloc, uint64(4<<20+1000*size); got > most {
			t.Errorf("%d bytes were allocated, want at most %d", got, most)
		}
	})
}

func FuzzPosition(f *testing.F) {
	f.Add([]byte("12345678901234567890"), []byte("metrics"))
	f.Fuzz(func(t *testing.T, state, metrics []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, MetricsFile), metrics, 0o644); err != nil {
			t.Fatal(err)
		}
		var p Position
		if p.UnmarshalBinary(state) != nil || p.Check(dir) != nil {
			return
		}
		r, err := Resume(dir, p, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if got := content(t, dir, MetricsFile); got != string(metrics[:p.Metrics]) {
			t.Errorf("%q is left of %q", got, metrics)
		}
	})
}

func TestTextsAreBounded(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, size int64) {
		t.Helper()
		file, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := file.Truncate(size); err != nil { // without room on the disk
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	write(ConfigFile, 1<<40)
	write(MetricsFile, 1<<40)
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), ConfigFile+" has more than 16777216 bytes") {
		t.Errorf("%v", err)
	}
	for _, err := range Metrics(dir) {
		if err == nil || !strings.Contains(err.Error(), MetricsFile+": line 1: it has more than 16777216 bytes") {
			t.Errorf("%v", err)
		}
	}
	var v struct{ A int }
	if err := ParseJSON([]byte("{\n\"A\":\n\"x\"}"), &v); err == nil || !strings.HasPrefix(err.Error(), "line 3: json: ") {
		t.Errorf("%v", err)
	}
	if err := ParseJSON([]byte("{\n}}"), &v); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("%v", err)
	}
}

package progress_test

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"crossbatch/eval/event"
	"crossbatch/trainer"
	"crossbatch/trainer/progress"
	"crossbatch/trainer/study"
)

var _ study.Progress = (*progress.Study)(nil)

// lines are what a console wrote, without the time of day.
func lines(t *testing.T, out *bytes.Buffer) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(out.String()) {
		if !regexp.MustCompile(`^\d\d:\d\d:\d\d  `).MatchString(line) {
			t.Errorf("the line %q does not begin with the time", line)
		}
		all = append(all, strings.TrimSpace(line[10:]))
	}
	return all
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the lines are\n%s\nthey should be\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTrainingInLines(t *testing.T) {
	var out bytes.Buffer
	c := progress.New(&out)
	config := trainer.Default()
	config.Steps, config.Batch.Size = 10, 32
	shown := c.Run()
	shown.Begin("a run", config)
	at := trainer.Progress{Last: event.Step{Step: 3, Rows: 96, Batch: &event.Term{Loss: 0.5}, Memory: &event.Term{Loss: 0.25}},
		Steps: 10, Images: 128, Elapsed: 8 * time.Second}
	shown.Step(at) // too soon for a line
	c.Every = 0
	shown.Step(at)
	shown.End()
	equal(t, lines(t, &out),
		`a run  {"steps": 10, "images_a_step": 32}`,
		`a run  {"step": 4, "of": 10, "loss": "0.500 + 0.250", "memory_rows": 96, "images_per_second": 16, "left": "12s"}`)
}

func TestPartsNeverGoBack(t *testing.T) {
	var out bytes.Buffer
	c := progress.New(&out)
	c.Every = 0
	p := c.Parts()
	p.At("embedding", 0, 4) // nothing done: no line
	p.At("embedding", 4, 4)
	p.At("embedding", 3, 4)
	p.At("scoring", 2, 2)
	p.End()
	equal(t, lines(t, &out),
		`embedding  {"done": 4, "of": 4, "left": "0s"}`,
		`embedding  {"done": 4, "of": 4, "left": "0s"}`,
		`scoring  {"done": 2, "of": 2, "left": "0s"}`)
}

func TestStudyInLines(t *testing.T) {
	var out bytes.Buffer
	s := progress.New(&out).Study()
	s.Begin(3, []int64{100, 200})
	s.RunBegins()
	s.Trained(0, 50)
	s.RunEnds(0, 100, "memory 0", "recall@1 0.5", nil)
	s.RunBegins()
	s.RunEnds(1, 200, "memory 10", "", errors.New("the disk is full"))
	s.End()
	equal(t, lines(t, &out),
		"run 2 of 3, memory 0: recall@1 0.5",
		`memory 10  {"failed": "the disk is full"}`)
}

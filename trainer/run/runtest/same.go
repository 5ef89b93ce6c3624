// Package runtest compares run folders, for the tests of what makes them.
package runtest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer/checkpoint"
)

// Same fails the test unless two complete runs of one configuration have the same files, apart
// from times.
func Same(t testing.TB, got, want string) {
	t.Helper()
	for _, name := range []string{record.ConfigFile, record.MetricsFile, record.WeightsFile, record.EmbeddingsFile, record.LabelsFile,
		record.NeighborsFile, record.ExtremesFile, record.WeightsPicture, record.SplitFile, record.PlanFile} {
		a, errA := os.ReadFile(filepath.Join(got, name))
		b, errB := os.ReadFile(filepath.Join(want, name))
		if os.IsNotExist(errA) && os.IsNotExist(errB) {
			continue
		}
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s: %s is not the same (%v, %v)", got, name, errA, errB)
		}
	}
	if a, b := scores(t, got), scores(t, want); !bytes.Equal(a, b) {
		t.Errorf("%s: scores %s, want %s", got, a, b)
	}
	if a, b := lastState(t, got), lastState(t, want); !bytes.Equal(a, b) {
		t.Errorf("%s: the last checkpoint is not the same", got)
	}
	for _, folder := range []string{got, filepath.Join(got, record.CheckpointFolder)} {
		if left, _ := filepath.Glob(filepath.Join(folder, ".partial-*")); left != nil {
			t.Errorf("%v was left behind", left)
		}
	}
}

// scores are those of a run without what time and place make different.
func scores(t testing.TB, dir string) []byte {
	t.Helper()
	stored, err := record.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	o := *stored.Outcome
	o.Run, o.Seconds, o.ImagesPerSecond, o.Waiting, o.TotalSeconds, o.PeakMemory = "", 0, 0, 0, 0, 0
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// lastState is all that the newest checkpoint of a run holds, but how far it is,
// which has times.
func lastState(t testing.TB, dir string) (all []byte) {
	t.Helper()
	_, damaged, err := checkpoint.Store{Files: record.Folder{Path: filepath.Join(dir, record.CheckpointFolder)}}.Load(func(c *checkpoint.Content) error {
		for _, name := range c.Names() {
			if name != "progress" {
				all = append(append(all, name...), c.Data(name)...)
			}
		}
		return nil
	})
	if err != nil || damaged != nil {
		t.Errorf("%s: %v, %v", dir, damaged, err)
	}
	return all
}

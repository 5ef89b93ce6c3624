package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// recordedFiles are the files of a run that hold no times.
var recordedFiles = []string{"config.yaml", "metrics.jsonl", "split.json", "weights.safetensors", "embeddings.npy", "labels.npy"}

// portable turns off the kernels in assembly, so that the numbers are those of any
// processor of this kind.
const portable = "GODEBUG=cpu.avx512f=off,cpu.avx2=off"

// recordedTable has one training a line: its name, a colon, its flags.
const recordedTable = "testdata/recorded/trainings.txt"

func recorded(t *testing.T) (names []string, flags map[string][]string) {
	text, err := os.ReadFile(recordedTable)
	if err != nil {
		t.Fatal(err)
	}
	flags = map[string][]string{}
	for line := range strings.Lines(string(text)) {
		name, rest, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		names = append(names, name)
		flags[name] = strings.Fields(rest)
	}
	return names, flags
}

// One configuration gives the same bytes as in the version that testdata/recorded is
// of: trainings with each policy and cure, each way to fill the memory and to combine,
// and the rest of a training whose checkpoint that version wrote. Where a change of
// numbers is meant, XBM_RECORD=1 records them anew.
func TestRecordedTrainingsEndTheSame(t *testing.T) {
	t.Parallel()
	if runtime.GOARCH != "amd64" {
		t.Skip("the numbers were recorded on amd64")
	}
	if testing.Short() {
		t.Skip("README's test command runs these")
	}
	const wantFile = "testdata/recorded/sha256.json"
	record := os.Getenv("XBM_RECORD") != ""
	want := map[string]map[string]string{}
	if raw, err := os.ReadFile(wantFile); err != nil && !record {
		t.Fatal(err)
	} else if err == nil {
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	names, flags := recorded(t)
	t.Run("each", func(t *testing.T) {
		for _, name := range names {
			out := filepath.Join(dir, name)
			args := slices.Concat([]string{"train", "--data", "glyphs-small", "--width", "4", "--dim", "8", "--batch", "8",
				"--steps", "24", "--start", "6", "--validate-every", "12", "--inspect-every", "8", "--drift-every", "8",
				"--baseline=false", "--yardsticks=false", "--out", out}, flags[name])
			same(t, name, out, args, want, record)
		}
		out := filepath.Join(dir, "stopped")
		untar(t, "testdata/recorded/stopped.tar.gz", dir)
		same(t, "stopped", out, []string{"train", "--resume", out, "--baseline=false", "--yardsticks=false"}, want, record)
	})
	if record {
		raw, err := json.MarshalIndent(want, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		write(t, wantFile, string(raw)+"\n")
	}
}

// same makes one run and compares its files with what is wanted, or notes them there.
func same(t *testing.T, name, out string, args []string, want map[string]map[string]string, record bool) {
	t.Run(name, func(t *testing.T) {
		if !record {
			t.Parallel()
		}
		c := command(args...)
		if binary := os.Getenv("XBM_RECORD"); filepath.IsAbs(binary) {
			c = exec.Command(binary, args...)
		}
		c.Env = append(os.Environ(), portable)
		if text, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		got := map[string]string{}
		for _, file := range recordedFiles {
			raw, err := os.ReadFile(filepath.Join(out, file))
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(raw)
			got[file] = hex.EncodeToString(sum[:])
		}
		if record {
			want[name] = got
			return
		}
		for _, file := range recordedFiles {
			if got[file] != want[name][file] {
				t.Errorf("%s is not what it was, with %s", file, strings.Join(args[1:], " "))
			}
		}
	})
}

// untar unpacks an archive of folders and files.
func untar(t *testing.T, path, dir string) {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(unzipped); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, filepath.FromSlash(h.Name))
		if h.Typeflag == tar.TypeDir {
			if err := os.MkdirAll(to, 0o755); err != nil {
				t.Fatal(err)
			}
			continue
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		write(t, to, string(content))
	}
}

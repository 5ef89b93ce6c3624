package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// The sizes of testdata/bytes.py.
const bytesDim, bytesRows, bytesSize, bytesSteps = 24, 40, 150, 9

// python is one that has numpy; Debian's, whatever other comes first.
func python(t *testing.T) string {
	t.Helper()
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import numpy").Run() == nil {
			return p
		}
	}
	t.Skip("there is no Python with numpy here")
	return ""
}

// For the same input, Python gets the same bytes as Go.
func TestPythonGetsTheSameBytesAsGo(t *testing.T) {
	interpreter := python(t)
	prefix := built(t)
	var input strings.Builder
	var want []string
	for _, c := range [][5]string{
		{"contrastive", "none", "ring", "full", "none"},
		{"multi-similarity:alpha=3", "multi-similarity", "ring", "half", "xbn"},
		{"triplet", "triplet-semihard", "class-balanced:12", "full", "none"},
		{"margin", "distance-weighted", "reservoir", "full", "none"},
		{"smooth-ap", "none", "keyed", "half", "axbn:process=0.1"},
		{"nt-xent", "batch-hard", "ring", "full", "axbn"},
	} {
		fmt.Fprintln(&input, strings.Join(c[:], " "))
		want = append(want, bytesOfGo(t, c))
	}
	c := exec.Command(interpreter, filepath.Join("testdata", "bytes.py"))
	c.Stdin = strings.NewReader(input.String())
	c.Env = append(os.Environ(), "PYTHONPATH=python", "PYTHONDONTWRITEBYTECODE=1", "CROSSBATCH_LIBRARY="+prefix+"/lib/libxbm.so")
	out, err := c.Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			t.Logf("%s", e.Stderr)
		}
		t.Fatal(err)
	}
	got := strings.Fields(string(out))
	lines := strings.Split(input.String(), "\n")
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Errorf("%s: other bytes", lines[i])
		}
	}
}

func bytesOfGo(t *testing.T, c [5]string) string {
	t.Helper()
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	policy, err := xbm.ParsePolicy(c[2], 3)
	must(err)
	cure, err := xbm.ParseCure(c[4])
	must(err)
	memory, err := xbm.MemoryConfig{Capacity: bytesSize, Dim: bytesDim, Half: c[3] == "half", Policy: policy, Norm: cure.Norm}.New()
	must(err)
	mined := func(seed uint64) pair.Loss {
		loss, err := xbm.ParseLoss(c[0], c[1], rand.NewPCG(seed, minerStream))
		must(err)
		return loss
	}
	past := xbm.CrossBatch{Memory: memory, Loss: mined(3), Weight: 0.5, Ramp: 4, EnqueueLast: true}
	own := xbm.InBatch{Loss: mined(4)}
	var b []byte
	add := func(v any) {
		b, err = binary.Append(b, binary.LittleEndian, v)
		must(err)
	}
	for step := range int64(bytesSteps) {
		batch := bytesBatch(step)
		gradient := make([]float32, len(batch.Embeddings))
		first, err := own.Add(gradient, batch)
		must(err)
		second, err := past.Add(gradient, batch)
		must(err)
		add([]float64{first.Value, second.Value})
		add(gradient)
	}
	e, err := eval.Retrieval{Dim: bytesDim, Queries: memory.AppendRows(nil), QueryLabels: memory.Labels(), Ranks: []int{1, 2, 4, 8}, Full: true}.Evaluate(eval.Effort{})
	must(err)
	add([]float64{e.MAPAtR, *e.MAP, *e.NMI})
	b, err = memory.AppendBinary(b)
	must(err)
	return fmt.Sprintf("%x", sha256.Sum256(b))
}

func bytesBatch(step int64) xbm.Batch {
	batch := xbm.Batch{Step: step}
	for i := range int64(bytesRows * bytesDim) {
		x := uint32(i*2654435761 + step*40503 + 12345)
		batch.Embeddings = append(batch.Embeddings, float32(float64(x*1664525+1013904223)/(1<<32)-0.5))
	}
	for i := range int64(bytesRows) {
		place := i + step*bytesRows
		batch.Labels = append(batch.Labels, int32(place*7%11))
		batch.IDs = append(batch.IDs, place%130)
	}
	return batch
}

package run

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer"
	"crossbatch/trainer/data"
)

// arrays reads the numbers of an export, by name, as float64.
func arrays(t *testing.T, dir string) map[string][]float64 {
	t.Helper()
	file, err := zip.OpenReader(filepath.Join(dir, ArraysFile))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	all := map[string][]float64{}
	for _, f := range file.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		body := raw[10+int(binary.LittleEndian.Uint16(raw[8:])):]
		name := strings.TrimSuffix(f.Name, ".npy")
		switch header := string(raw[:len(raw)-len(body)]); {
		case strings.Contains(header, "<f4"):
			all[name] = decoded[float32](t, body, 4)
		case strings.Contains(header, "<i4"):
			all[name] = decoded[int32](t, body, 4)
		default:
			all[name] = decoded[int64](t, body, 8)
		}
	}
	return all
}

func decoded[T float32 | int32 | int64](t *testing.T, body []byte, size int) (list []float64) {
	values := make([]T, len(body)/size)
	if err := binary.Read(bytes.NewReader(body), binary.LittleEndian, values); err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		list = append(list, float64(v))
	}
	return list
}

// An export holds what training sees, as what makes it says in turn: the set, the split, and
// the batches of a loader of the same seeds, with augmentation, wrong labels and views.
func TestExport(t *testing.T) {
	c := small()
	c.Data.Augment, c.Data.LabelNoise, c.Batch.Views, c.Memory.Prefill = "glyph", 0.5, 2, true
	var s Session
	dir := filepath.Join(t.TempDir(), "e")
	e, err := s.Export(context.Background(), c, record.Folder{Path: dir}, ExportOptions{Steps: 3})
	if err != nil {
		t.Fatal(err)
	}
	got := arrays(t, dir)
	var names []string
	for name := range got {
		names = append(names, name)
	}
	if slices.Sort(names); !slices.Equal(names, slices.Sorted(slices.Values(e.Arrays))) || e.Steps != 3 || e.Batch != 32 || !e.BatchImages {
		t.Errorf("arrays %v of %+v", names, e)
	}
	set := s.set
	split, err := c.Parts(set)
	if err != nil {
		t.Fatal(err)
	}
	same := func(name string, want []float64) {
		t.Helper()
		if !slices.Equal(got[name], want) {
			t.Errorf("%s differs from what training sees", name)
		}
	}
	same("train", floats(split.Train))
	same("validation", floats(split.Validation))
	same("test", floats(split.Test))
	same("labels", floats(set.Labels))
	noisy, err := set.Noisy(split.Train, 0.5, c.Data.SplitSeed)
	if err != nil {
		t.Fatal(err)
	}
	same("train_labels", floats(noisy.Labels))
	all := make([]int, set.Len())
	for i := range all {
		all[i] = i
	}
	images := make([]float32, set.Len()*set.Channels*set.Height*set.Width)
	set.Batch(images, all)
	same("images", floats(images))

	sampler, err := data.NewPK(noisy.Labels, split.Train, 4, 4, c.Seed)
	if err != nil {
		t.Fatal(err)
	}
	loader, err := data.NewLoader(noisy, sampler, data.LoaderConfig{Augment: "glyph", Views: 2, Seed: c.Seed})
	if err != nil {
		t.Fatal(err)
	}
	defer loader.Close()
	var index, pixels []float64
	for range 3 {
		b, err := loader.Next()
		if err != nil {
			t.Fatal(err)
		}
		index = append(append(index, floats(b.Index)...), floats(b.Index)...)
		pixels = append(pixels, floats(b.Images)...)
	}
	same("batches", index)
	same("batch_images", pixels)
	for _, i := range got["prefill"] {
		if _, ok := slices.BinarySearch(split.Train, int(i)); !ok {
			t.Errorf("image %g fills the memory, and is not for training", i)
		}
	}
	if len(got["prefill"]) != 40 {
		t.Errorf("%d images fill a memory of 40", len(got["prefill"]))
	}

	// The configuration makes the same again, in the place of the first, to the byte.
	before := read(t, dir)
	again, err := Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Export(context.Background(), again, record.Folder{Path: dir}, ExportOptions{Steps: 3}); err != nil {
		t.Fatal(err)
	}
	for name, content := range read(t, dir) {
		if !bytes.Equal(content, before[name]) {
			t.Errorf("%s differs the second time", name)
		}
	}
}

func floats[T int | int32 | float32](values []T) (list []float64) {
	for _, v := range values {
		list = append(list, float64(v))
	}
	return list
}

func read(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{ArraysFile, InitialFile, record.ConfigFile, record.SplitFile} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = content
	}
	return files
}

// The initial weights of an export are those that training starts from: a training that is
// given them, and would else draw others, does the same first step.
func TestInitialWeightsOfAnExport(t *testing.T) {
	c := small()
	c.Network.Init, c.Data.Augment = trainer.InitTorch, "none"
	var s Session
	dir := t.TempDir()
	if _, err := s.Export(context.Background(), c, record.Folder{Path: dir}, ExportOptions{Steps: 1}); err != nil {
		t.Fatal(err)
	}
	net, err := s.network(c)
	if err != nil {
		t.Fatal(err)
	}
	c.Network.Weights, c.Network.Init = filepath.Join(dir, InitialFile), ""
	read, err := s.network(c)
	if err != nil {
		t.Fatal(err)
	}
	var a, b bytes.Buffer
	if err := errors.Join(net.WriteSafetensors(&a), read.WriteSafetensors(&b)); err != nil || !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Errorf("other weights (%v)", err)
	}
	if _, there := arrays(t, dir)["batch_images"]; there {
		t.Error("images of steps that are the set's own")
	}
}

func TestWhatAnExportMayNotReplace(t *testing.T) {
	dir := t.TempDir()
	put := func(name string) {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(CheckExport(dir, false), CheckExport(filepath.Join(dir, "none"), false)); err != nil {
		t.Error(err)
	}
	put(record.ConfigFile)
	if err := CheckExport(dir, true); !errors.Is(err, record.ErrExists) {
		t.Errorf("a run may be replaced: %v", err)
	}
	put(ArraysFile)
	if err := CheckExport(dir, false); !errors.Is(err, record.ErrExists) {
		t.Errorf("an export may be replaced without a word: %v", err)
	}
	if err := CheckExport(dir, true); err != nil {
		t.Error(err)
	}
}

package run

import (
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/backbone/onnx"
	"crossbatch/trainer"
)

func tiny() trainer.Config {
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim = "glyphs-small", 4, 8
	return c
}

func TestWriteONNX(t *testing.T) {
	m, err := new(Session).Untrained(tiny())
	if err != nil {
		t.Fatal(err)
	}
	var sizes [2]int
	for i, how := range []ExportONNX{{Preprocessing: true}, {Half: true}} {
		path := filepath.Join(t.TempDir(), "new", "m.onnx")
		text, err := m.WriteONNX(path, how)
		input := []string{onnx.Pixels, onnx.Images}[i]
		if err != nil || !strings.HasPrefix(text, path+": 0.0 MB, "+input+" → embeddings of 8 numbers") {
			t.Fatalf("%q: %v", text, err)
		}
		model, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sizes[i] = len(model)
		if weights, _, err := onnx.ReadWeights(model); err != nil || len(weights) == 0 {
			t.Error(err)
		}
	}
	if sizes[1] >= sizes[0] {
		t.Errorf("%d bytes, in half precision %d", sizes[0], sizes[1])
	}
}

func TestWriteSheet(t *testing.T) {
	var s Session
	path := filepath.Join(t.TempDir(), "sheet.png")
	if err := s.WriteSheet(tiny(), true, path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if picture, err := png.Decode(f); err != nil || picture.Bounds().Dy() < sheetClasses*32 {
		t.Errorf("%v: %v", picture, err)
	}
	if err := s.WriteSheet(tiny(), false, filepath.Join(filepath.Dir(path), "none", "a.png")); err == nil || !strings.Contains(err.Error(), "there is no folder") {
		t.Error(err)
	}
}

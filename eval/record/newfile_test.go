package record

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAFileIsNotReplacedUnasked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "model.onnx")
	if err := CheckFree(path, false); err != nil {
		t.Fatal(err)
	}
	if err := NewFile(path, func(w io.Writer) error { _, err := io.WriteString(w, "model"); return err }); err != nil {
		t.Fatal(err)
	}
	folder := Folder{Path: filepath.Dir(path)}
	if b, err := os.ReadFile(path); err != nil || string(b) != "model" || !folder.Has("model.onnx") || folder.Has("other") {
		t.Errorf("%q: %v", b, err)
	}
	if err := CheckFree(path, false); err == nil || !strings.Contains(err.Error(), "is there already: choose another file") {
		t.Error(err)
	}
	if err := CheckFree(path, true); err != nil {
		t.Error(err)
	}
	if err := CheckFree(folder.Path, true); err == nil || !strings.Contains(err.Error(), "is a folder: give a file") {
		t.Error(err)
	}
}

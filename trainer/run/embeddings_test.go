package run

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crossbatch/eval/record"
	"crossbatch/trainer"
)

func TestWriteEmbeddings(t *testing.T) {
	c := trainer.Default()
	c.Data.Set, c.Network.Width, c.Network.Dim = "glyphs-small", 4, 8
	m, err := new(Session).Untrained(c)
	if err != nil {
		t.Fatal(err)
	}
	out := record.Folder{Path: t.TempDir()}
	write(t, filepath.Join(out.Path, record.UnreadFile), "of another")
	e, err := m.WriteEmbeddings(t.Context(), PartTest, out)
	index, _ := m.Part(PartTest)
	if err != nil || e.Rows != len(index) || e.Dim != 8 || !e.HasClasses || len(e.Unread) > 0 {
		t.Fatalf("%+v of %d: %v", e, len(index), err)
	}
	ids, err := os.ReadFile(filepath.Join(out.Path, record.IDsFile))
	if err != nil || strings.Count(string(ids), ",test,") != e.Rows {
		t.Errorf("%d bytes of ids: %v", len(ids), err)
	}
	info, err := os.Stat(filepath.Join(out.Path, record.EmbeddingsFile))
	if err != nil || info.Size() != int64(128+4*8*e.Rows) {
		t.Errorf("%v: %v", info, err)
	}
	names, err := out.List()
	if want := "embeddings.npy ids.csv labels.npy"; err != nil || strings.Join(names, " ") != want {
		t.Errorf("%v, want %s: %v", names, want, err)
	}
	if text := e.Text(out); !strings.Contains(text, " of 8 numbers: test of glyphs-small\n") || strings.Contains(text, "Not read") || !strings.Contains(text, "xbm eval --embeddings "+out.Path) {
		t.Error(text)
	}
	e.Unread, e.HasClasses = []string{"a.png: no picture"}, false
	if text := e.Text(out); !strings.Contains(text, "Not read: 1 lines of ") || !strings.Contains(text, "with their files in ids.csv") {
		t.Error(text)
	}
	if err := CheckEmbeddings(out, false); err == nil || !strings.Contains(err.Error(), "holds embeddings") {
		t.Error(err)
	}
	if err := CheckEmbeddings(out, true); err != nil {
		t.Error(err)
	}
	if _, err := m.WriteEmbeddings(t.Context(), "none", out); err == nil || !strings.Contains(err.Error(), `there is no part "none"`) {
		t.Error(err)
	}
}

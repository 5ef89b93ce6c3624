package reference

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The loss of two equal labels at a right angle is 1 by hand, its gradient (0,-1,-1,0).
func TestCheckFolder(t *testing.T) {
	const contrastive = `{"kind":"loss","loss":{"name":"contrastive","distance":"cosine","pos_margin":1,"neg_margin":0.5},"dim":2,
"embeddings":[1,0,0,1],"labels":[0,0],"want":{"loss":LOSS,"grad":[0,-1,-1,0]}}`
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.json": strings.Replace(contrastive, "LOSS", "1", 1), "b.json": strings.Replace(contrastive, "LOSS", "10", 1),
		"c.json": `{"kind":"cameras"}`, "d.json": `{`, "readme.txt": "no case",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	n, err := CheckFolder(dir, func(r Result) { lines = append(lines, r.String()) })
	if err != nil || n != (Counts{Passed: 1, Failed: 2, Other: 1}) || len(lines) != 4 {
		t.Fatalf("%+v, %q (%v)", n, lines, err)
	}
	for i, want := range []string{"ok    a  ", "FAIL  b  ", "--    c  ", "FAIL  d  "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("%q, want %q and more", lines[i], want)
		}
	}
	if _, err := CheckFolder(t.TempDir(), func(Result) {}); err == nil || !strings.Contains(err.Error(), "there are no *.json") {
		t.Errorf("an empty folder: %v", err)
	}
}

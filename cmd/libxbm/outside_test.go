package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A module outside takes xbm from a checkout, as README says, and gets nothing
// along but golang.org/x/sys.
func TestAnOutsideModuleTakesTheMemoryAlone(t *testing.T) {
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", `package main

import (
	"fmt"

	"crossbatch/xbm"
	"crossbatch/xbm/loss"
)

func main() {
	memory, err := xbm.NewMemory(10, 2)
	if err != nil {
		panic(err)
	}
	l, err := loss.Parse("contrastive")
	if err != nil {
		panic(err)
	}
	term := xbm.CrossBatch{Memory: memory, Loss: l}
	gradient := make([]float32, 4)
	s, err := term.Add(gradient, xbm.Batch{Embeddings: []float32{1, 0, 0, 1}, Labels: []int32{3, 3}})
	fmt.Println(s.Value, memory.Len(), err)
}
`)
	t.Setenv("GOFLAGS", "-mod=mod")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOSUMDB", "off")
	command(t, folder, "go", "mod", "init", "trainer")
	command(t, folder, "go", "mod", "edit", "-replace=crossbatch="+root)
	command(t, folder, "go", "mod", "tidy")
	if out := command(t, folder, "go", "run", "."); out != "1 2 <nil>\n" {
		t.Errorf("it says %q", out)
	}
	for line := range strings.Lines(command(t, folder, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")) {
		switch module := strings.TrimSpace(line); module {
		case "", "trainer", "crossbatch", "golang.org/x/sys":
		default:
			t.Errorf("it brings along %s", module)
		}
	}
	required, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(required)) {
		if strings.HasPrefix(line, "require golang.org/x/sys") || !strings.Contains(line, "require ") {
			continue
		}
		if !strings.Contains(line, "require crossbatch ") {
			t.Errorf("go.mod says %q", line)
		}
	}
}

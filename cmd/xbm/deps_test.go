package main

import (
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// doors says who may import whom: for each package, the ones of ours and the
// modules of others. It is a statement of policy: mend the import, not the list.
var doors = map[string]string{
	"xbm/kernel":            "xbm/kernel/isa",
	"xbm/kernel/isa":        "golang.org/x/sys",
	"backbone/arithmetic":   "xbm/kernel/isa",
	"xbm/kernel/gen":        "github.com/mmcloughlin/avo",
	"xbm/pair":              "xbm/kernel",
	"xbm/spec":              "",
	"xbm/internal/room":     "",
	"xbm/internal/logsum":   "",
	"xbm/internal/apart":    "xbm/pair",
	"xbm/internal/engine":   "xbm/pair xbm/kernel xbm/internal/room",
	"xbm/internal/twin":     "xbm/pair xbm/internal/engine xbm/internal/apart", // for tests
	"xbm/internal/cuda":     "xbm/pair gorgonia.org/cu",
	"xbm/device":            "xbm/internal/cuda/encoder backbone/network eval xbm/kernel xbm/pair xbm/internal/cuda xbm/internal/engine xbm/internal/room",
	"xbm/loss":              "xbm/pair xbm/kernel xbm/spec xbm/internal/engine xbm/internal/apart xbm/internal/logsum xbm/internal/room",
	"xbm/miner":             "xbm/pair xbm/kernel xbm/spec xbm/internal/apart xbm/internal/logsum xbm/internal/room",
	"xbm":                   "xbm/pair xbm/loss xbm/miner xbm/spec xbm/kernel xbm/internal/engine",
	"backbone/network":      "",
	"backbone/graph":        "backbone/network backbone/arithmetic backbone/convolution xbm/kernel gonum.org/v1/gonum gorgonia.org/gorgonia gorgonia.org/tensor github.com/chewxy/hm",
	"backbone/safetensors":  "",
	"backbone/onnx":         "backbone/network backbone/safetensors xbm/kernel google.golang.org/protobuf",
	"backbone/convolution":  "backbone/arithmetic xbm/kernel",
	"backbone/inference":    "backbone/network backbone/arithmetic backbone/convolution xbm/kernel",
	"backbone":              "backbone/network backbone/graph backbone/inference backbone/safetensors xbm/kernel",
	"eval":                  "xbm/kernel gonum.org/v1/gonum",
	"eval/verification":     "eval xbm/kernel",
	"eval/drift":            "xbm/kernel",
	"eval/projection":       "eval xbm/kernel gonum.org/v1/gonum",
	"eval/fewshot":          "eval eval/projection xbm/kernel gonum.org/v1/gonum",
	"eval/event":            "eval eval/drift xbm/pair",
	"eval/reference":        "eval eval/record xbm xbm/pair",
	"eval/record":           "eval/event xbm/pair eval/fewshot eval eval/verification go.yaml.in/yaml/v3 google.golang.org/protobuf github.com/klauspost/cpuid/v2 github.com/gofrs/flock",
	"eval/report/chart":     "gonum.org/v1/plot golang.org/x/image",
	"eval/report":           "eval/event xbm/pair eval/drift eval/fewshot eval eval/record eval/report/chart gonum.org/v1/gonum gonum.org/v1/plot golang.org/x/image eval/report/space",
	"eval/index":            "eval eval/record xbm/kernel github.com/edsrzf/mmap-go github.com/parquet-go/parquet-go",
	"eval/report/space":     "golang.org/x/image eval/projection eval",
	"eval/serve":            "eval/index eval/report/space go.uber.org/zap",
	"trainer/data":          "trainer/data/augment",
	"trainer/data/augment":  "xbm/spec",
	"trainer/data/parallel": "",
	"trainer/data/files":    "",
	"trainer/data/matlab":   "",
	"trainer/data/features": "xbm/kernel trainer/data/files github.com/sbinet/npyio",
	"trainer/data/photo":    "trainer/data trainer/data/files trainer/data/parallel github.com/edsrzf/mmap-go golang.org/x/image",
	"trainer/data/glyph":    "xbm/kernel trainer/data trainer/data/augment trainer/data/files trainer/data/parallel golang.org/x/image codeberg.org/go-fonts/dejavu codeberg.org/go-fonts/latin-modern codeberg.org/go-fonts/liberation codeberg.org/go-fonts/stix",
	"trainer/data/sets":     "trainer/data trainer/data/features trainer/data/files trainer/data/glyph trainer/data/matlab trainer/data/parallel trainer/data/photo golang.org/x/image golang.org/x/text",
	"trainer/data/datatest": "trainer/data golang.org/x/image",
	"trainer/optim":         "backbone/arithmetic xbm/kernel",
	"trainer/setting":       "go.yaml.in/yaml/v3",
	"trainer/setting/flags": "trainer/setting github.com/urfave/cli/v2",
	"trainer/ranks":         "",
	"trainer/mpi":           "trainer/ranks",
	"trainer":               "trainer/ranks eval/event eval/drift xbm xbm/pair eval trainer/data trainer/data/augment trainer/optim trainer/checkpoint trainer/setting go.uber.org/zap eval/verification xbm/loss xbm/miner",
	"trainer/run":           "trainer/optim trainer/ranks xbm xbm/loss xbm/miner xbm/device xbm/pair trainer/embedded eval/fewshot eval/projection trainer trainer/data trainer/data/augment trainer/data/sets trainer/setting trainer/checkpoint backbone eval eval/verification eval/record eval/report go.uber.org/zap go.yaml.in/yaml/v3 backbone/onnx github.com/edsrzf/mmap-go",
	"trainer/finder":        "eval eval/verification eval/report trainer trainer/run trainer/setting trainer/data trainer/data/augment trainer/data/files trainer/data/photo trainer/data/sets backbone eval/index eval/record xbm/kernel",
	"trainer/progress":      "eval/event trainer trainer/run github.com/schollz/progressbar/v3 go.uber.org/zap golang.org/x/term",
	"trainer/run/runtest":   "eval/record trainer/checkpoint",
	"trainer/study/claim":   "",
	"trainer/study/cluster": "go.yaml.in/yaml/v3",
	"trainer/study":         "trainer trainer/run trainer/study/claim trainer/study/cluster trainer/setting trainer/checkpoint trainer/data trainer/data/features eval eval/record eval/report xbm/kernel xbm/loss go.uber.org/zap go.yaml.in/yaml/v3 gonum.org/v1/gonum",
	"trainer/bench":         "backbone trainer/optim trainer/setting eval xbm xbm/kernel xbm/loss xbm/miner xbm/pair",
	"trainer/embedded":      "eval eval/record eval/verification trainer/data/features trainer/setting",
	"cmd/xbm":               "trainer/mpi trainer/ranks trainer/progress eval/index eval/serve trainer/finder eval/reference trainer/bench xbm xbm/device backbone eval eval/record eval/report trainer trainer/run trainer/study trainer/data/augment trainer/data/sets trainer/setting trainer/setting/flags eval/verification xbm/loss xbm/miner trainer/embedded backbone/onnx backbone/safetensors github.com/urfave/cli/v2 go.uber.org/zap golang.org/x/term",
	"cmd/libxbm":            "eval/drift eval/fewshot xbm xbm/pair xbm/loss xbm/miner eval eval/verification",
	"trainer/checkpoint":    "",

	"xbm/internal/cuda/encoder":  "xbm/internal/cuda backbone/network xbm/kernel",
	"xbm/internal/cuda/cudatest": "", // for tests
}

const module = "crossbatch/"

type listed struct {
	ImportPath string
	Dir        string
	Doc        string
	Imports    []string
	// The files of it, also those of other processors and systems.
	GoFiles, CgoFiles, IgnoredGoFiles []string
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Dir,Doc,Imports,GoFiles,CgoFiles,IgnoredGoFiles", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	d := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		switch err := d.Decode(&p); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImportsGoThroughTheDoors(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := doors[name]
		if !known {
			t.Errorf("package %s has no place in the list of doors", name)
			continue
		}
		seen[name] = true
		for path := range imports(t, p) {
			ours, isOurs := strings.CutPrefix(path, module)
			isStandard := !strings.Contains(strings.SplitN(path, "/", 2)[0], ".")
			if isStandard && !isOurs || path == "C" {
				continue
			}
			if !slices.ContainsFunc(strings.Fields(allowed), func(a string) bool { return opens(a, ours, path) }) {
				t.Errorf("%s may not import %s", name, path)
			}
		}
	}
	for name := range doors {
		if !seen[name] && name != "xbm/kernel/gen" { // the generator is built on demand only
			t.Errorf("the list of doors has %s, which is not there", name)
		}
	}
}

// opens says whether a permission is for an import; ours is its path within the module.
func opens(permission, ours, path string) bool {
	return ours == permission || ours == path && (path == permission || strings.HasPrefix(path, permission+"/"))
}

// imports are those of all files but tests: also of other processors, and under the tag
// nvidia. The generator of the assembly is built on demand only.
func imports(t *testing.T, p listed) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	for _, file := range slices.Concat(p.GoFiles, p.CgoFiles, p.IgnoredGoFiles) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, file), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range parsed.Imports {
			all[strings.Trim(i.Path.Value, `"`)] = true
		}
	}
	return all
}

// Without the tag, nothing of CUDA is in the program, and no C.
func TestThePlainProgramHasNoCUDA(t *testing.T) {
	list := exec.Command("go", "list", "-deps", "-f", "{{.ImportPath}}", module+"cmd/xbm")
	list.Env = append(list.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	out, err := list.CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for _, path := range strings.Fields(string(out)) {
		if path == "runtime/cgo" || strings.HasPrefix(path, "gorgonia.org/cu") {
			t.Errorf("the program has %s", path)
		}
	}
}

// A permission that nobody uses says less than the list seems to.
func TestEveryDoorIsUsed(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		imports := imports(t, p)
		seen := map[string]bool{}
		for _, permission := range strings.Fields(doors[name]) {
			if seen[permission] {
				t.Errorf("the list of doors lets %s import %s twice", name, permission)
			}
			seen[permission] = true
			used := false
			for path := range imports {
				ours, _ := strings.CutPrefix(path, module)
				used = used || opens(permission, ours, path)
			}
			if !used {
				t.Errorf("the list of doors lets %s import %s, which it does not", name, permission)
			}
		}
	}
}

// The memory can be imported alone: by a trainer that has its own networks,
// command line and logs.
func TestTheMemoryBringsNothingAlong(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", module+"xbm").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for _, path := range strings.Fields(string(out)) {
		domain, _, _ := strings.Cut(path, "/")
		if strings.Contains(domain, ".") && domain != "golang.org" {
			t.Errorf("package xbm brings along %s", path)
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for _, p := range packages(t) {
		name := p.ImportPath[strings.LastIndex(p.ImportPath, "/")+1:]
		if !strings.HasPrefix(p.Doc, "Package "+name+" ") && !strings.HasPrefix(p.Doc, "Command ") {
			t.Errorf("%s: its doc begins with %q", p.ImportPath, p.Doc)
		}
	}
}

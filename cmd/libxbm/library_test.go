package main

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// prefix is where the library is that the tests use.
var prefix string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "libxbm")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	prefix = folder
	code := m.Run()
	if err := os.RemoveAll(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

// built is the library as make libxbm builds it, once for all tests.
func built(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("it builds a library")
	}
	for _, tool := range []string{"gcc", "make"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("there is no %s here", tool)
		}
	}
	if _, err := os.Stat(prefix + "/include/xbm.h"); err != nil {
		command(t, filepath.Join("..", ".."), "make", "libxbm", "PREFIX="+prefix)
	}
	return prefix
}

func command(t *testing.T, folder string, args ...string) string {
	t.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Dir = folder
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func TestTheExampleRunsWithEitherLibrary(t *testing.T) {
	prefix := built(t)
	warnings := []string{"gcc", "-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "example/example.c"}
	flags := []string{"-I" + prefix + "/include", "-L" + prefix + "/lib", "-lxbm"}
	if _, err := exec.LookPath("pkg-config"); err == nil {
		t.Setenv("PKG_CONFIG_PATH", prefix+"/lib/pkgconfig")
		flags = strings.Fields(command(t, ".", "pkg-config", "--cflags", "--libs", "libxbm"))
	}
	t.Setenv("LD_LIBRARY_PATH", prefix+"/lib")
	var outputs []string
	for _, libraries := range [][]string{flags, {"-I" + prefix + "/include", prefix + "/lib/libxbm.a", "-lpthread"}} {
		program := filepath.Join(t.TempDir(), "example")
		command(t, ".", slices.Concat(warnings, libraries, []string{"-lm", "-o", program})...)
		outputs = append(outputs, command(t, ".", program))
	}
	if outputs[0] != outputs[1] {
		t.Errorf("by the shared library:\n%s\nby the static one:\n%s", outputs[0], outputs[1])
	}
	for _, want := range []string{"step 0: loss 0.", " + 0.000\n", "step 39: ", "64 of 350 rows\n", `"map_at_r":`} {
		if !strings.Contains(outputs[0], want) {
			t.Errorf("the example does not say %q:\n%s", want, outputs[0])
		}
	}
}

// What the header declares, the library has, and nothing else.
func TestTheHeaderDeclaresWhatTheLibraryHas(t *testing.T) {
	prefix := built(t)
	header, err := os.ReadFile(prefix + "/include/xbm.h")
	if err != nil {
		t.Fatal(err)
	}
	var declared []string
	for _, m := range regexp.MustCompile(`(?m)^(?:u?int32_t|void) (xbm_\w+)\(`).FindAllSubmatch(header, -1) {
		declared = append(declared, string(m[1]))
	}
	file, err := elf.Open(prefix + "/lib/libxbm.so")
	if err != nil {
		t.Skipf("not a library as on Linux: %v", err)
	}
	defer func() { _ = file.Close() }()
	symbols, err := file.DynamicSymbols()
	if err != nil {
		t.Fatal(err)
	}
	var has []string
	for _, s := range symbols {
		if strings.HasPrefix(s.Name, "xbm_") && s.Section != elf.SHN_UNDEF {
			has = append(has, s.Name)
		}
	}
	slices.Sort(declared)
	slices.Sort(has)
	if len(has) < 20 || !slices.Equal(declared, has) {
		t.Errorf("declared are %v\nand there are %v", declared, has)
	}
	if name, err := file.DynString(elf.DT_SONAME); err != nil || !slices.Equal(name, []string{"libxbm.so.1"}) {
		t.Errorf("it is called %v (%v)", name, err)
	}
}

// What the wheels promise: no newer C library than 2.34 is needed.
func TestTheLibraryNeedsNoNewerCLibrary(t *testing.T) {
	file, err := elf.Open(built(t) + "/lib/libxbm.so")
	if err != nil {
		t.Skipf("not a library as on Linux: %v", err)
	}
	defer func() { _ = file.Close() }()
	needed, err := file.ImportedSymbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range needed {
		var major, minor int
		if _, err := fmt.Sscanf(s.Version, "GLIBC_%d.%d", &major, &minor); err == nil && (major != 2 || minor > 34) {
			t.Errorf("%s needs %s", s.Name, s.Version)
		}
	}
	if len(needed) < 10 {
		t.Errorf("it imports %d symbols only", len(needed))
	}
}

// Package cudatest runs tests of kernels on the fake driver, which emulates a card.
package cudatest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Fake is a fake driver: its maker is the script fake/make, by its path from the tests.
type Fake struct{ Maker string }

// Main runs tests with the driver, which is made here unless XBM_CUDA_DRIVER says "real": the
// driver is loaded when the program starts, so the tests are started again with it in the way
// of the loader. It returns the program's exit status.
func (f Fake) Main(m *testing.M) int {
	if os.Getenv("XBM_CUDA_DRIVER") != "" {
		return m.Run()
	}
	folder, err := os.MkdirTemp("", "fake")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := f.Make(folder, ""); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return again(folder, os.Args[1:], os.Stdout)
}

// Make makes the driver in a folder, of the kernels in another, "" for those that there are.
func (f Fake) Make(folder, kernels string) error {
	arguments := []string{folder}
	if kernels != "" {
		arguments = append(arguments, kernels)
	}
	if out, err := exec.Command(f.Maker, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("make the fake driver: %w\n%s", err, out)
	}
	return nil
}

// again runs this program's tests with a driver from a folder and more of an environment.
func again(folder string, arguments []string, out *os.File, env ...string) int {
	run := exec.Command(os.Args[0], arguments...)
	run.Stdout, run.Stderr = out, out
	run.Env = append(os.Environ(), append([]string{"LD_LIBRARY_PATH=" + folder, "XBM_CUDA_DRIVER=fake", "XBM_FAKE_FOLDER=" + folder}, env...)...)
	if err := run.Run(); err != nil {
		return 1
	}
	return 0
}

// Under runs one test again with more of an environment, and returns what it said.
func Under(t *testing.T, test string, env ...string) (passed bool, said string) {
	t.Helper()
	if os.Getenv("XBM_CUDA_DRIVER") != "fake" {
		t.Skip("it is for the fake driver")
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }()
	code := again(os.Getenv("XBM_FAKE_FOLDER"), []string{"-test.run=^" + test + "$", "-test.v"}, out, append(env, "XBM_INNER=1")...)
	text, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "no tests to run") {
		t.Fatalf("there is no test %s", test)
	}
	return code == 0, string(text)
}

// Inner skips a test that is only for Under.
func Inner(t *testing.T) {
	if os.Getenv("XBM_INNER") == "" {
		t.Skip("run by another test")
	}
}

// Fault is a fault that is planted in a kernel: its name, the file, the text there, and what
// it becomes.
type Fault [4]string

// Caught plants faults in the kernels of a folder one by one, and fails for those that none
// of the tests see, in one order of the threads or another.
func (f Fake) Caught(t *testing.T, kernels string, faults []Fault, test string, env ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it compiles the kernels for each fault")
	}
	if os.Getenv("XBM_CUDA_DRIVER") != "fake" {
		t.Skip("it is for the fake driver")
	}
	t.Setenv("OPTIMIZE", "-O0")
	for _, fault := range faults {
		name, file, from, to := fault[0], fault[1], fault[2], fault[3]
		folder, driver := t.TempDir(), t.TempDir()
		if err := os.CopyFS(folder, os.DirFS(kernels)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(folder, file)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(text), from); n != 1 {
			t.Errorf("%s: %q is in %s %d times", name, from, file, n)
			continue
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := f.Make(driver, folder); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !seen(t, test, append(env, "LD_LIBRARY_PATH="+driver)) {
			t.Errorf("%s: no test saw it", name)
		}
	}
}

// seen tells whether a test fails in one order of the threads or another.
func seen(t *testing.T, test string, env []string) bool {
	for _, order := range []string{"0", "1"} {
		if passed, _ := Under(t, test, append(env, "XBM_FAKE_ORDER="+order)...); !passed {
			return true
		}
	}
	return false
}

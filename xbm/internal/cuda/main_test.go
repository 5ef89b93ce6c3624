//go:build nvidia

package cuda

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The tests of kernels run against the fake driver, which is made here unless
// XBM_CUDA_DRIVER says "real": the driver is loaded when the program starts, so the tests
// are started again with it in the way of the loader.
func TestMain(m *testing.M) {
	if os.Getenv("XBM_CUDA_DRIVER") != "" {
		os.Exit(m.Run())
	}
	folder, err := os.MkdirTemp("", "fake")
	if err != nil {
		panic(err)
	}
	code := 1
	if made := makeFake(folder, ""); made != nil {
		fmt.Fprintln(os.Stderr, made)
	} else {
		code = again(folder, os.Args[1:], os.Stdout)
	}
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// makeFake makes the fake driver of the kernels in a folder, "" for those here.
func makeFake(folder, kernels string) error {
	arguments := []string{folder}
	if kernels != "" {
		arguments = append(arguments, kernels)
	}
	if out, err := exec.Command("fake/make", arguments...).CombinedOutput(); err != nil {
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

// under runs one test again with more of an environment, and returns what it said.
func under(t *testing.T, test string, env ...string) (passed bool, said string) {
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
	said0, err := os.ReadFile(out.Name())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(said0), "no tests to run") {
		t.Fatalf("there is no test %s", test)
	}
	return code == 0, string(said0)
}

// inner skips a test that is only for under.
func inner(t *testing.T) {
	if os.Getenv("XBM_INNER") == "" {
		t.Skip("run by another test")
	}
}

// open opens the first device, in debug mode.
func open(t *testing.T) *Context {
	t.Helper()
	c, err := Open(0, Options{Debug: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil && !t.Failed() {
			t.Error(err)
		}
	})
	return c
}

//go:build nvidia

package cuda

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"crossbatch/xbm/internal/cuda/cudatest"
)

// scattered has rows scattered over a ring on the device.
func scattered(c *Context, precision Precision, ring []float32, rows []float32, slots []int32, dim, stride int) (halves []uint16, err error) {
	err = c.do(func() error {
		var on buffer
		w := carrier{c: c, precision: precision}
		defer c.arena.release(&on, &w.rows, &w.places)
		n := len(ring)
		if err := c.arena.sized(&on, "a test", int64(4*n)); err != nil {
			return err
		}
		if err := errors.Join(upload(c, &on, ring), w.scatter(&on, rows, slots, dim, stride)); err != nil {
			return err
		}
		halves = make([]uint16, 2*n)
		if err := errors.Join(download(c, halves, &on), download(c, ring, &on)); err != nil {
			return err
		}
		return c.wait()
	})
	return halves, err
}

func TestScatter(t *testing.T) {
	c := open(t)
	ring := make([]float32, 4*8)
	for i := range ring {
		ring[i] = 9
	}
	_, err := scattered(c, FP32, ring, []float32{1, 2, 3, 4, 5, 6}, []int32{2, 0}, 3, 8)
	if err != nil {
		t.Fatal(err)
	}
	for slot, want := range [][]float32{{4, 5, 6, 0, 0, 0, 0, 0}, {9, 9, 9, 9, 9, 9, 9, 9}, {1, 2, 3, 0, 0, 0, 0, 0}, {9, 9, 9, 9, 9, 9, 9, 9}} {
		for k, x := range want {
			if ring[8*slot+k] != x {
				t.Errorf("row %d is %v, want %v", slot, ring[8*slot:8*slot+8], want)
				break
			}
		}
	}
	// 1 + 2^-8 lies between two numbers of bfloat16: to the even one.
	halves, err := scattered(c, BF16, make([]float32, 8), []float32{1 + 1.0/256, 1 + 3.0/256, -2}, []int32{1}, 3, 8)
	if err != nil {
		t.Fatal(err)
	}
	if halves[8] != 0x3f80 || halves[9] != 0x3f82 || halves[10] != 0xc000 || halves[11] != 0 {
		t.Errorf("in 16 bits: %#x", halves)
	}
}

func TestUploadsAreOfAnyLength(t *testing.T) {
	c := open(t)
	want := make([]float32, stagingBytes/2+12345)
	for i := range want {
		want[i] = float32(i)
	}
	got := make([]float32, len(want))
	err := c.do(func() error {
		var b buffer
		if err := c.arena.sized(&b, "numbers", int64(4*len(want))); err != nil {
			return err
		}
		if err := errors.Join(upload(c, &b, want), download(c, got, &b)); err != nil {
			return err
		}
		return c.wait()
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("number %d is %v", i, got[i])
		}
	}
}

func TestDevices(t *testing.T) {
	all, err := Devices()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 || all[0].Memory == 0 || all[0].Name == "" || all[0].Major < leastMajor {
		t.Errorf("devices: %v", all)
	}
	if _, err := Open(len(all), Options{}); err == nil || !strings.Contains(err.Error(), "from cuda:0 on") {
		t.Errorf("a device too many: %v", err)
	}
}

func TestMemoryHasALimit(t *testing.T) {
	c, err := Open(0, Options{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var b, other buffer
	err = c.do(func() error { return c.arena.sized(&b, "the memory's rows", 3<<20) })
	if !errors.Is(err, ErrMemory) || errors.Is(err, ErrLost) || !strings.Contains(err.Error(), "the memory's rows: 3.0 MiB more are needed, 1.0 MiB of 1.0 MiB are left") {
		t.Errorf("too much memory: %v", err)
	}
	// What was not to be had is not there the second time, either, nor after it is given back.
	for range 3 {
		err := c.do(func() error {
			defer c.arena.release(&b)
			return errors.Join(c.arena.sized(&b, "more than a slab's piece", 5<<20), c.arena.sized(&b, "the same again", 5<<20))
		})
		if err == nil || strings.Count(err.Error(), "5.0 MiB more are needed") != 2 {
			t.Errorf("too much memory again: %v", err)
		}
	}
	// What was given back can be had again.
	for range 100 {
		err := c.do(func() error {
			defer c.arena.release(&b)
			defer c.arena.release(&other)
			return errors.Join(c.arena.sized(&b, "a half", 512<<10), c.arena.sized(&other, "a bit", 1000))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Large buffers that were given back make room for others, in both ways to take memory.
func TestMemoryThatNobodyHasIsTakenAgain(t *testing.T) {
	for _, debug := range []bool{false, true} {
		c, err := Open(0, Options{Limit: 16 << 20, Debug: debug})
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int64{9 << 20, 10 << 20, 5 << 20, 15 << 20} {
			var b buffer
			if err := c.do(func() error { return c.arena.sized(&b, "a buffer", size) }); err != nil {
				t.Error(err)
			}
			c.arena.release(&b)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Where each buffer is memory of its own, too, what is given back is given out again.
func TestBuffersApartAreGivenOutAgain(t *testing.T) {
	c := open(t)
	for range 3 {
		var b buffer
		if err := c.do(func() error {
			defer c.arena.release(&b)
			return c.arena.sized(&b, "no whole pages", 1001)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(c.arena.slabs); n != 1 {
		t.Errorf("%d pieces were taken, want 1", n)
	}
}

// TestInnerOpen is what TestNoDevice runs where things are otherwise.
func TestInnerOpen(t *testing.T) {
	cudatest.Inner(t)
	_, err := Open(0, Options{})
	t.Log(err)
	if err != nil {
		t.Fail()
	}
}

func TestNoDevice(t *testing.T) {
	for _, c := range []struct{ name, env, want string }{
		{"no driver", "LD_LIBRARY_PATH=/nowhere", "no NVIDIA driver: libcuda.so.1"},
		{"no device", "XBM_FAKE_DEVICES=0", "the NVIDIA driver finds no device"},
		{"a driver that does not start", "XBM_FAKE_INIT=803", "does not start: its error 803"},
		{"too old a card", "XBM_FAKE_MAJOR=7", "has compute capability 7.0: the kernels need 8.0"},
	} {
		if c.name == "no driver" && os.Getenv("XBM_CUDA_DRIVER") == "real" {
			continue
		}
		if passed, said := cudatest.Under(t, "TestInnerOpen", c.env); passed || !strings.Contains(said, c.want) {
			t.Errorf("%s: %s", c.name, said)
		}
	}
}

// TestInnerLost has a kernel fail or hang.
func TestInnerLost(t *testing.T) {
	cudatest.Inner(t)
	c := open(t)
	c.patient = 200 * time.Millisecond
	_, err := scattered(c, FP32, make([]float32, 16), make([]float32, 3), []int32{1}, 3, 8)
	t.Log(err)
	if !errors.Is(err, ErrLost) {
		t.Fatal("it is not lost")
	}
	if _, again := scattered(c, FP32, make([]float32, 16), make([]float32, 3), []int32{1}, 3, 8); !errors.Is(again, ErrLost) {
		t.Fatalf("then: %v", again)
	}
	t.Fail() // so that Close may fail
}

func TestLost(t *testing.T) {
	for _, c := range []struct{ env, want string }{
		{"XBM_FAKE_FAIL=scatter_fp32", "kernel scatter_fp32 failed (1×1×1 blocks of 128 threads, arguments"},
		{"XBM_FAKE_HANG=scatter_fp32", "no answer in 200ms"},
	} {
		if _, said := cudatest.Under(t, "TestInnerLost", c.env); !strings.Contains(said, c.want) || !strings.Contains(said, "the device is lost") || strings.Contains(said, "it is not lost") || strings.Contains(said, "then:") {
			t.Errorf("%s: %s", c.env, said)
		}
	}
}

// What a kernel writes beside its memory is seen, whether in a row too many or too wide.
func TestInnerBeside(t *testing.T) {
	cudatest.Inner(t)
	c := open(t)
	_, err := scattered(c, FP32, make([]float32, 16), make([]float32, 3), []int32{2}, 3, 8)
	t.Log(err)
	if err == nil {
		t.Error("nobody saw it")
	}
}

func TestWritesBesideAreSeen(t *testing.T) {
	if _, said := cudatest.Under(t, "TestInnerBeside"); !strings.Contains(said, "a write beside device memory") || strings.Contains(said, "nobody saw it") {
		t.Error(said)
	}
}

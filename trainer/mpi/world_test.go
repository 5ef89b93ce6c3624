//go:build mpi

package mpi

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"crossbatch/trainer/ranks"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// task is what a rank that these tests start is to do.
const task = "XBM_MPI_TASK"

func TestMain(m *testing.M) {
	work, isRank := map[string]func(*World) error{
		"collectives": collectives, "costs": costs, "abort": abort,
	}[os.Getenv(task)]
	if !isRank {
		os.Exit(m.Run())
	}
	w, err := Open()
	if err == nil {
		if err = work(w); err == nil {
			err = w.Close()
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// mpirun has so many ranks do a task.
func mpirun(size int, what string) (string, error) {
	c := exec.Command("mpirun", "-n", strconv.Itoa(size), "--oversubscribe", "--bind-to", "none", os.Args[0])
	c.Env = append(os.Environ(), task+"="+what, "OMPI_ALLOW_RUN_AS_ROOT=1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1")
	out, err := c.CombinedOutput()
	return string(out), err
}

func TestCollectives(t *testing.T) {
	for _, size := range []int{2, 3} {
		if out, err := mpirun(size, "collectives"); err != nil {
			t.Errorf("%d ranks: %v: %s", size, err, out)
		}
	}
}

// collectives does what ranks of goroutines do, from whatever goroutine and thread, and
// compares.
func collectives(w *World) error {
	for _, n := range []int{0, 1, 100, 50_001} {
		parts := make([][]float32, w.size)
		for rank := range parts {
			rng := rand.New(rand.NewPCG(uint64(rank), uint64(n)))
			for range n {
				parts[rank] = append(parts[rank], float32(rng.NormFloat64()))
			}
		}
		var want []float32
		err := ranks.Local(w.size, func(c ranks.Comm) error {
			a, x := ranks.Adder[float32]{Comm: c}, slices.Clone(parts[c.Rank()])
			err := a.Add(x)
			if c.Rank() == 0 {
				want = x
			}
			return err
		})
		if err != nil {
			return err
		}
		done := make(chan error)
		go func() {
			runtime.LockOSThread() // it dies with the goroutine
			a, x := ranks.Adder[float32]{Comm: w}, slices.Clone(parts[w.rank])
			err := a.Add(x)
			if err == nil && !slices.Equal(x, want) {
				err = fmt.Errorf("rank %d: the sum of %d numbers is another than that of goroutines", w.rank, n)
			}
			done <- err
		}()
		if err := <-done; err != nil {
			return err
		}
		text, err := ranks.Tell(w, bytes.Repeat([]byte{'a' + byte(w.rank)}, n), nil)
		if err != nil || len(text) != n || strings.Trim(string(text), "a") != "" {
			return fmt.Errorf("rank %d was told %d bytes of %d, %v", w.rank, len(text), n, err)
		}
	}
	if err := w.AllGather(make([]byte, 5), make([]byte, 4)); err == nil {
		return fmt.Errorf("lengths that do not fit were taken")
	}
	err := ranks.Agree(w, map[bool]error{true: fmt.Errorf("broken")}[w.rank == 1])
	if !ranks.IsShared(err) || !strings.Contains(err.Error(), "broken") {
		return fmt.Errorf("agreed on %v", err)
	}
	return nil
}

// A rank that aborts ends those that wait for it.
func TestAbortEndsAll(t *testing.T) {
	began := time.Now()
	out, err := mpirun(3, "abort")
	if err == nil || strings.Contains(out, "went on") {
		t.Errorf("%v after %v: %s", err, time.Since(began), out)
	}
}

func abort(w *World) error {
	if w.rank == 1 {
		w.Abort(nil)
	}
	err := w.AllGather(make([]byte, 4*w.size), make([]byte, 4))
	fmt.Println("went on", err)
	return err
}

// The times that the cost model of package trainer's Comm is made of, in microseconds:
// XBM_MPI_COSTS says on how many ranks.
func TestCosts(t *testing.T) {
	size, err := strconv.Atoi(os.Getenv("XBM_MPI_COSTS"))
	if err != nil {
		t.Skip("XBM_MPI_COSTS is not set")
	}
	out, err := mpirun(size, "costs")
	t.Logf("%v\n%s", err, out)
}

func costs(w *World) error {
	const turns = 200
	measure := func(what string, turns int, do func() error) error {
		var times []time.Duration
		for range turns {
			before := time.Now()
			if err := do(); err != nil {
				return err
			}
			times = append(times, time.Since(before))
		}
		slices.Sort(times)
		if w.rank == 0 {
			fmt.Printf("%-48s least %8.1f  median %8.1f µs\n", what, float64(times[0].Nanoseconds())/1e3, float64(times[turns/2].Nanoseconds())/1e3)
		}
		return nil
	}
	sums := ranks.Adder[float64]{Comm: w}
	adder := ranks.Adder[float32]{Comm: w}
	part := make([]float32, 64*128/w.size)
	all := make([]float32, len(part)*w.size)
	bn := make([]float64, 130)
	for _, err := range []error{
		measure("all-gather of 64×128", turns, func() error { return ranks.AllGather(w, all, part) }),
		measure("sum of 64 channels' statistics", turns, func() error { return sums.Add(bn) }),
	} {
		if err != nil {
			return err
		}
	}
	for _, rows := range []int{10_000, 100_000, 1_000_000} {
		for _, name := range []string{"contrastive", "multi-similarity"} {
			for _, r := range []pair.Ranks{nil, &sharing{w, &adder}} {
				add, err := against(rows, name, r)
				if err == nil {
					err = measure(fmt.Sprintf("%s, %d rows, shared out %v", name, rows, r != nil), 20, add)
				}
				if err != nil {
					return err
				}
			}
		}
	}
	for _, n := range []int{1 << 16, 1 << 20, 25 << 20} {
		x := make([]float32, n)
		if err := measure(fmt.Sprintf("sum of %d numbers", n), min(turns, 8<<22/n), func() error { return adder.Add(x) }); err != nil {
			return err
		}
	}
	return nil
}

// sharing are ranks that a memory is shared out to.
type sharing struct {
	*World
	adder *ranks.Adder[float32]
}

func (s *sharing) Gather(dst, part []float64) error { return ranks.AllGather(s.World, dst, part) }
func (s *sharing) Add(x []float32) error            { return s.adder.Add(x) }

// against returns a step of a batch of 64 against a full memory of 1,000 classes.
func against(rows int, name string, r pair.Ranks) (step func() error, err error) {
	const n, dim = 64, 128
	term := &xbm.CrossBatch{}
	if term.Memory, err = (xbm.MemoryConfig{Capacity: rows, Dim: dim, Ranks: r}).New(); err != nil {
		return nil, err
	}
	if term.Loss, err = xbm.ParseLoss(name, "none", nil); err != nil {
		return nil, err
	}
	rng := rand.New(rand.NewPCG(1, 2))
	batch := func(n int) xbm.Batch {
		b := xbm.Batch{Embeddings: make([]float32, n*dim), Labels: make([]int32, n)}
		for i := range b.Embeddings {
			b.Embeddings[i] = float32(rng.NormFloat64())
		}
		for i := range b.Labels {
			b.Labels[i] = int32(rng.IntN(1000))
		}
		return b
	}
	for range rows / 1000 {
		if err := term.Fill(batch(1000)); err != nil {
			return nil, err
		}
	}
	b := batch(n)
	dEmb := make([]float32, n*dim)
	return func() error {
		_, err := term.Add(dEmb, b)
		return err
	}, nil
}

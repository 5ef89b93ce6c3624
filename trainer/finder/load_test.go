package finder

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"crossbatch/eval/index"
	"crossbatch/eval/record"
	"crossbatch/eval/serve"
	"crossbatch/trainer/run"
)

// Fifty clients search at once over the loopback, for as long as XBM_LOAD says: no answer but
// what was asked for and 503, and memory that does not grow.
func TestLoad(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("XBM_LOAD"))
	if err != nil {
		t.Skip("XBM_LOAD says for how long; make load has 60 s")
	}
	dir := smallRun(t)
	e, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "index")
	m := model(t, dir)
	all, err := m.Part("all")
	if err != nil {
		t.Fatal(err)
	}
	w, err := index.Create(at, e.Identity(), index.Options{})
	if err == nil {
		_, err = e.Add(t.Context(), w, Pictures{Set: func() (*run.Model, []int, error) { return m, all, nil }}, Adding{})
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	x, err := index.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = x.Close() }()

	// The network by itself.
	images := make([]float32, 64*e.Numbers())
	rows := make([]float32, 64*e.Identity().Dim)
	embedded, began := 0, time.Now()
	for time.Since(began) < 3*time.Second {
		if err := e.Embed(rows, images); err != nil {
			t.Fatal(err)
		}
		embedded += 64
	}
	alone := float64(embedded) / time.Since(began).Seconds()

	s, err := serve.New(serve.Config{Index: x, Encoder: e})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	pictures := make([][]byte, 100)
	for i := range pictures {
		item, err := x.Item(i * x.Rows() / len(pictures))
		if err != nil {
			t.Fatal(err)
		}
		pictures[i] = bytes.Clone(item.Picture)
	}
	const clients = 50
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}, Timeout: time.Minute}
	var mu sync.Mutex
	var took []time.Duration
	statuses, wrong := map[int]int{}, 0
	var memory []uint64
	ask := func(i int) {
		began := time.Now()
		r, err := client.Post("http://"+l.Addr().String()+"/v1/search?k=3", "image/png", bytes.NewReader(pictures[i%len(pictures)]))
		if err != nil {
			t.Error(err)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			t.Error(err)
			return
		}
		var a struct {
			Neighbors []struct{ Distance float64 }
		}
		err = json.Unmarshal(body, &a)
		mu.Lock()
		defer mu.Unlock()
		statuses[r.StatusCode]++
		took = append(took, time.Since(began))
		if err != nil || r.StatusCode == 200 && (len(a.Neighbors) != 3 || a.Neighbors[0].Distance != 0) {
			wrong++
		}
	}
	end := time.Now().Add(long)
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			for i := c; time.Now().Before(end); i += clients + 1 {
				ask(i)
			}
		})
	}
	wg.Go(func() {
		for time.Now().Before(end) {
			time.Sleep(long / 12)
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			memory = append(memory, m.HeapAlloc>>10)
		}
	})
	wg.Wait()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	slices.Sort(took)
	n := len(took)
	if n == 0 {
		t.Fatal("no answers")
	}
	for status := range statuses {
		if status != http.StatusOK && status != http.StatusServiceUnavailable {
			t.Errorf("answers of status %d", status)
		}
	}
	if wrong > 0 {
		t.Errorf("%d answers are wrong", wrong)
	}
	if first, last := memory[1], memory[len(memory)-1]; last > 2*first+16<<10 {
		t.Errorf("memory grows: %v KiB", memory)
	}
	t.Logf("%d clients for %v: %d answers, %.0f/s, statuses %v; p50 %v, p99 %v, most %v; the network alone %.0f/s; heap after collection, KiB: %v; peak of the process %s",
		clients, long, n, float64(n)/long.Seconds(), statuses, took[n/2].Round(time.Millisecond), took[n*99/100].Round(time.Millisecond), took[n-1].Round(time.Millisecond),
		alone, memory, fmt.Sprintf("%d MiB", record.PeakMemory()>>20))
}

package serve

import (
	"cmp"
	"fmt"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// metrics are counts and times. The text form of Prometheus is a line a number; the client
// library for it would bring ten modules.
type metrics struct {
	mu       sync.Mutex
	requests map[request]int
	seconds  map[string]*histogram // of requests, by path
	batches  int
	pictures int
	network  time.Duration
}

type request struct {
	path   string
	status int
}

type histogram struct {
	below []int // how many took no longer than each of bounds
	count int
	sum   float64
}

// bounds are those of the times of requests, in seconds.
func bounds() []float64 { return []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30} }

func (m *metrics) answered(path string, status int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.requests == nil {
		m.requests, m.seconds = map[request]int{}, map[string]*histogram{}
	}
	m.requests[request{path, status}]++
	h := m.seconds[path]
	if h == nil {
		h = &histogram{below: make([]int, len(bounds()))}
		m.seconds[path] = h
	}
	h.count++
	h.sum += took.Seconds()
	for i, b := range bounds() {
		if took.Seconds() <= b {
			h.below[i]++
		}
	}
}

func (m *metrics) embedded(pictures int, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.batches++
	m.pictures += pictures
	m.network += took
}

// text is the form that Prometheus reads.
// https://prometheus.io/docs/instrumenting/exposition_formats/
func (m *metrics) text(b *strings.Builder) {
	m.mu.Lock()
	defer m.mu.Unlock()
	head := func(name, kind, help string) {
		fmt.Fprintf(b, "# HELP xbm_%s %s\n# TYPE xbm_%s %s\n", name, help, name, kind)
	}
	head("requests_total", "counter", "Requests answered.")
	var requests []request
	for r := range m.requests {
		requests = append(requests, r)
	}
	slices.SortFunc(requests, func(a, b request) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.status, b.status))
	})
	for _, r := range requests {
		fmt.Fprintf(b, "xbm_requests_total{route=%q,code=\"%d\"} %d\n", r.path, r.status, m.requests[r])
	}
	head("request_seconds", "histogram", "Time from the head of a request to its answer.")
	var paths []string
	for p := range m.seconds {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	for _, p := range paths {
		h := m.seconds[p]
		for i, bound := range bounds() {
			fmt.Fprintf(b, "xbm_request_seconds_bucket{route=%q,le=\"%g\"} %d\n", p, bound, h.below[i])
		}
		fmt.Fprintf(b, "xbm_request_seconds_bucket{route=%q,le=\"+Inf\"} %d\nxbm_request_seconds_sum{route=%q} %g\nxbm_request_seconds_count{route=%q} %d\n", p, h.count, p, h.sum, p, h.count)
	}
	head("embedded_pictures_total", "counter", "Pictures that went through the network.")
	fmt.Fprintf(b, "xbm_embedded_pictures_total %d\n", m.pictures)
	head("batches_total", "counter", "Batches that they went in.")
	fmt.Fprintf(b, "xbm_batches_total %d\n", m.batches)
	head("network_seconds_total", "counter", "Time that the network took.")
	fmt.Fprintf(b, "xbm_network_seconds_total %g\n", m.network.Seconds())
}

func (s *Server) showMetrics(w http.ResponseWriter, _ *http.Request) {
	var b strings.Builder
	s.metrics.text(&b)
	gauge := func(name, help string, value any) {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s gauge\n%s %v\n", name, help, name, name, value)
	}
	gauge("xbm_queue_length", "Searches that wait for the network.", len(s.queue))
	gauge("xbm_queue_capacity", "Searches that may wait.", cap(s.queue))
	gauge("xbm_index_rows", "Rows of the index.", s.config.Index.Len())
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	gauge("go_memstats_heap_alloc_bytes", "Bytes of the heap in use.", memory.HeapAlloc)
	gauge("go_goroutines", "Goroutines.", runtime.NumGoroutine())
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = w.Write([]byte(b.String())) // who does not listen misses it
}

package serve

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bomb is a PNG of many pixels in few bytes.
func bomb(width, height int) []byte {
	chunk := func(b []byte, kind string, content []byte) []byte {
		b = binary.BigEndian.AppendUint32(b, uint32(len(content)))
		start := len(b)
		b = append(append(b, kind...), content...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[start:]))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(width))
	head = append(binary.BigEndian.AppendUint32(head, uint32(height)), 1, 0, 0, 0, 0) // one bit, gray
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	line := make([]byte, 1+width/8)
	for range height {
		_, _ = z.Write(line)
	}
	_ = z.Close()
	b := chunk([]byte("\x89PNG\r\n\x1a\n"), "IHDR", head)
	return chunk(chunk(b, "IDAT", packed.Bytes()), "IEND", nil)
}

func TestABombIsRefusedByItsSize(t *testing.T) {
	b := bomb(10000, 10000)
	h := start(t, Config{})
	if a := post(t, h.URL+"/v1/search", b); a.status != 422 || !strings.Contains(a.Error, "10000×10000") {
		t.Errorf("a picture of 100 million pixels in %d bytes: %d %s", len(b), a.status, a.text)
	}
}

func TestSlowAndHalfSentBodies(t *testing.T) {
	at, stop, ended := served(t, Config{Timeout: 600 * time.Millisecond})
	talk := func(send ...string) string {
		c, err := net.Dial("tcp", at)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		for i, part := range send {
			if i > 0 {
				time.Sleep(250 * time.Millisecond)
			}
			if part == "" {
				_ = c.(*net.TCPConn).CloseWrite()
				continue
			}
			_, _ = io.WriteString(c, part) // it may be closed at the other end
		}
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		b, _ := io.ReadAll(c)
		return string(b)
	}
	const head = "POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n"
	if got := talk(head, "a", "b", "c", "d", "e"); !strings.Contains(got, "408") || !strings.Contains(got, "to arrive") {
		t.Errorf("a slow sender: %q", got)
	}
	if got := talk(head+"half", ""); !strings.Contains(got, "400") || !strings.Contains(got, "ended before") {
		t.Errorf("half a body: %q", got)
	}
	if got := talk("POST /v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ""); !strings.Contains(got, "400") {
		t.Errorf("a broken chunk: %q", got)
	}
	if got := talk("POST /v1/search HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\na"); !strings.Contains(got, "421") {
		t.Errorf("another name for this machine: %q", got)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestATokenIsAskedFor(t *testing.T) {
	h := start(t, Config{Token: "open sesame;"})
	for _, path := range []string{"/v1/index", "/v1/rows/3", "/v1/rows/3/picture", "/metrics", "/v1/map"} {
		if a := get(t, h.URL+path); a.status != 401 || a.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s without token: %d", path, a.status)
		}
		r, err := http.NewRequest(http.MethodGet, h.URL+path, nil)
		if err == nil {
			r.Header.Set("Authorization", "Bearer open sesame;")
		}
		if a := ask(t, r, err); a.status != 200 {
			t.Errorf("%s with token: %d", path, a.status)
		}
		r, err = http.NewRequest(http.MethodGet, h.URL+path, nil)
		if err == nil {
			r.Header.Set("Cookie", tokenCookie+"=open%20sesame%3B")
		}
		if a := ask(t, r, err); a.status != 200 {
			t.Errorf("%s with cookie: %d", path, a.status)
		}
	}
	if a := post(t, h.URL+"/v1/search", plain(hue(1))); a.status != 401 {
		t.Errorf("search without token: %d", a.status)
	}
	for _, path := range []string{"/", "/healthz", "/style.css"} {
		if a := get(t, h.URL+path); a.status != 200 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestAFullQueueSendsAway(t *testing.T) {
	largest := new(atomic.Int64)
	h := start(t, Config{Encoder: mean{200 * time.Millisecond, largest}, Queue: 6, Batch: 4})
	var wg sync.WaitGroup
	var found, away, other atomic.Int64
	for i := range 40 {
		wg.Go(func() {
			switch a := post(t, h.URL+"/v1/search", plain(hue(i%20+20))); {
			case a.status == 200 && a.Neighbors[0].Row == i%20+20:
				found.Add(1)
			case a.status == 503 && a.header.Get("Retry-After") == "1" && strings.Contains(a.Error, "too many"):
				away.Add(1)
			default:
				other.Add(1)
				t.Errorf("%d: %s", a.status, a.text)
			}
		})
	}
	wg.Wait()
	if found.Load() < 6 || away.Load() == 0 {
		t.Errorf("%d found, %d sent away", found.Load(), away.Load())
	}
	if n := largest.Load(); n < 2 || n > 4 {
		t.Errorf("the largest batch had %d", n)
	}
	a := get(t, h.URL+"/metrics")
	for _, line := range []string{
		fmt.Sprintf("xbm_requests_total{route=\"POST /v1/search\",code=\"200\"} %d", found.Load()),
		fmt.Sprintf("xbm_requests_total{route=\"POST /v1/search\",code=\"503\"} %d", away.Load()),
		"xbm_request_seconds_count{route=\"POST /v1/search\"} 40", "xbm_index_rows 58", "xbm_queue_length 0",
		fmt.Sprintf("xbm_embedded_pictures_total %d", found.Load()),
	} {
		if !strings.Contains(a.text, line+"\n") {
			t.Errorf("metrics lack %q:\n%s", line, a.text)
		}
	}
}

func TestStoppedItFinishesWhatItBegan(t *testing.T) {
	begun := new(atomic.Int64)
	at, stop, ended := served(t, Config{Encoder: mean{300 * time.Millisecond, begun}})
	got := make(chan answer, 1)
	go func() { got <- post(t, "http://"+at+"/v1/search", plain(hue(9))) }()
	for begun.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	stop()
	if a := <-got; a.status != 200 || a.Neighbors[0].Row != 9 {
		t.Errorf("what was begun: %d %s", a.status, a.text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", at); err == nil {
		t.Error("it still answers")
	}
}

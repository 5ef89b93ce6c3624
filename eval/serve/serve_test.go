package serve

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crossbatch/eval/index"
)

// mean is an encoder whose embedding of a picture is its mean colour, of length 1.
type mean struct {
	slow    time.Duration // that a batch takes
	largest *atomic.Int64 // batch so far
}

func (mean) Identity() index.Encoder { return index.Encoder{Hash: "mean", Name: "mean colour", Dim: 3} }
func (mean) Numbers() int            { return 3 }

const mostPixels = 1 << 20

func (mean) Read(dst []float32, content []byte) error {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return errors.New("it is no picture")
	}
	if c.Width*c.Height > mostPixels {
		return fmt.Errorf("%d×%d pixels: want at most %d", c.Width, c.Height, mostPixels)
	}
	picture, _, err := image.Decode(bytes.NewReader(content))
	if err != nil {
		return errors.New("it is damaged")
	}
	b := picture.Bounds()
	var sum [3]float64
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := picture.At(x, y).RGBA()
			sum[0], sum[1], sum[2] = sum[0]+float64(r), sum[1]+float64(g), sum[2]+float64(bl)
		}
	}
	length := math.Sqrt(sum[0]*sum[0]+sum[1]*sum[1]+sum[2]*sum[2]) + 1e-9
	for i := range dst {
		dst[i] = float32(sum[i] / length)
	}
	return nil
}

func (m mean) Embed(dst, images []float32) error {
	time.Sleep(m.slow)
	if n := int64(len(images) / 3); m.largest != nil && n > m.largest.Load() {
		m.largest.Store(n)
	}
	copy(dst, images)
	return nil
}

// plain is a PNG of one colour.
func plain(c color.Color) []byte {
	picture := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		picture.Set(i%8, i/8, c)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func hue(i int) color.Color {
	return color.RGBA{uint8(40 + 3*i), uint8(200 - 2*i), uint8(60 + i%7), 255}
}

const rowCount = 60

// colours makes an index of one picture a hue, two removed.
func colours(t testing.TB) *index.Index {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "secret-place")
	w, err := index.Create(dir, mean{}.Identity(), index.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var rows []float32
	var items []index.Item
	for i := range rowCount {
		row := make([]float32, 3)
		if err := (mean{}).Read(row, plain(hue(i))); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row...)
		items = append(items, index.Item{Name: fmt.Sprintf("colours/%d.png", i), Group: fmt.Sprint("group ", i%3), Picture: plain(hue(i))})
	}
	x := (*index.Index)(nil)
	if err = errors.Join(w.Add(rows, items), w.Remove("colours/7.png", "colours/8.png"), w.Close()); err == nil {
		x, err = index.Open(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() })
	return x
}

func server(t testing.TB, c Config) *Server {
	t.Helper()
	if c.Index == nil {
		c.Index = colours(t)
	}
	if c.Encoder == nil {
		c.Encoder = mean{}
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start serves until the test ends.
func start(t testing.TB, c Config) *httptest.Server {
	t.Helper()
	s := server(t, c)
	h := httptest.NewServer(s)
	t.Cleanup(func() { h.Close(); s.Close() })
	return h
}

type answer struct {
	status    int
	header    http.Header
	text      string
	Error     string
	Neighbors []Neighbor
	Embedding []float32
}

func ask(t testing.TB, r *http.Request, err error) answer {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(response.Body)
	if err = errors.Join(err, response.Body.Close()); err != nil {
		t.Fatal(err)
	}
	a := answer{status: response.StatusCode, header: response.Header, text: string(b)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(b, &a); err != nil {
			t.Errorf("%s: %v", b, err)
		}
	}
	if strings.Contains(a.text, "secret-place") || strings.Contains(a.text, "/tmp") {
		t.Errorf("the answer names a place on the disk: %s", a.text)
	}
	return a
}

func post(t testing.TB, url string, body []byte) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	return ask(t, r, err)
}

func get(t testing.TB, url string) answer {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	return ask(t, r, err)
}

func TestSearchFindsThePictureAndItsNeighbours(t *testing.T) {
	h := start(t, Config{})
	a := post(t, h.URL+"/v1/search?k=5", plain(hue(30)))
	if a.status != 200 || len(a.Neighbors) != 5 {
		t.Fatalf("%d: %s", a.status, a.text)
	}
	if n := a.Neighbors[0]; n.Row != 30 || n.Name != "colours/30.png" || n.Group != "group 0" || n.Similarity < 0.999999 || n.Distance != 0 {
		t.Errorf("the nearest is %+v", n)
	}
	for i, n := range a.Neighbors[1:] {
		if n.Distance < a.Neighbors[i].Distance {
			t.Errorf("neighbour %d is nearer than the one before", i+1)
		}
	}
	a = post(t, h.URL+"/v1/search?group=group+1&k=50", plain(hue(30)))
	if len(a.Neighbors) != 19 || a.Neighbors[0].Group != "group 1" {
		t.Errorf("of one group: %s", a.text)
	}
	a = post(t, h.URL+"/v1/search?threshold=0.9999&k=50", plain(hue(30)))
	if len(a.Neighbors) == 0 || len(a.Neighbors) > 20 || a.Neighbors[len(a.Neighbors)-1].Similarity < 0.9999 {
		t.Errorf("above a threshold: %s", a.text)
	}
	// In a form, after another field.
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	errField := w.WriteField("note", "x")
	part, err := w.CreateFormFile("picture", "a.png")
	if err == nil {
		_, err = part.Write(plain(hue(12)))
	}
	if err := errors.Join(errField, err, w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequest(http.MethodPost, h.URL+"/v1/search", &form)
	if err == nil {
		r.Header.Set("Content-Type", w.FormDataContentType())
	}
	if a := ask(t, r, err); a.status != 200 || len(a.Neighbors) != 10 || a.Neighbors[0].Row != 12 {
		t.Errorf("in a form: %s", a.text)
	}
	if a := post(t, h.URL+"/v1/embed", plain(hue(12))); a.status != 200 || len(a.Embedding) != 3 {
		t.Errorf("embedded: %s", a.text)
	}
}

func TestRowsAreShown(t *testing.T) {
	h := start(t, Config{})
	if a := get(t, h.URL+"/v1/rows/30?k=2"); a.status != 200 || len(a.Neighbors) != 2 || a.Neighbors[0].Row == 30 || !strings.Contains(a.text, "colours/30.png") {
		t.Errorf("a row: %s", a.text)
	}
	if a := get(t, h.URL+"/v1/rows/30/picture"); a.status != 200 || a.header.Get("Content-Type") != "image/png" || a.text != string(plain(hue(30))) {
		t.Errorf("its picture: %d %v", a.status, a.header)
	}
	for _, path := range []string{"/v1/rows/7", "/v1/rows/7/picture", "/v1/rows/60", "/v1/rows/-1", "/v1/rows/x", "/v1/nothing"} {
		if a := get(t, h.URL+path); a.status != 404 {
			t.Errorf("%s: %d %s", path, a.status, a.text)
		}
	}
	seen := map[string]bool{}
	for turn := range 8 {
		var list struct{ Rows []struct{ Name string } }
		a := get(t, fmt.Sprint(h.URL, "/v1/rows?n=15&turn=", turn))
		if err := json.Unmarshal([]byte(a.text), &list); err != nil || len(list.Rows) < 14 {
			t.Fatalf("%s (%v)", a.text, err)
		}
		for _, r := range list.Rows {
			seen[r.Name] = true
		}
	}
	if len(seen) < rowCount/2 {
		t.Errorf("%d rows in eight turns", len(seen))
	}
	var info struct {
		Rows   int
		Groups []struct {
			Name string
			Rows int
		}
	}
	if a := get(t, h.URL+"/v1/index"); json.Unmarshal([]byte(a.text), &info) != nil || info.Rows != 58 || len(info.Groups) != 3 {
		t.Errorf("the index: %s", a.text)
	}
	var m struct {
		Rows    []int
		Layouts []struct{ Places []float64 }
	}
	if a := get(t, h.URL+"/v1/map"); json.Unmarshal([]byte(a.text), &m) != nil || len(m.Rows) != 58 || len(m.Layouts) != 2 || len(m.Layouts[0].Places) != 116 {
		t.Errorf("the map: %.200s", a.text)
	}
}

func TestTheMapOfManyIsOfSome(t *testing.T) {
	h := start(t, Config{MapRows: 10})
	var m struct{ Rows []int }
	if a := get(t, h.URL+"/v1/map"); json.Unmarshal([]byte(a.text), &m) != nil || len(m.Rows) != 10 {
		t.Errorf("the map: %.200s", a.text)
	}
}

func TestBadRequestsAreRefusedInWords(t *testing.T) {
	h := start(t, Config{MaxBytes: 5000})
	for _, c := range []struct {
		path   string
		body   []byte
		status int
		words  string
	}{
		{"/v1/search", nil, 400, "no picture"},
		{"/v1/search", []byte("hello"), 422, "it is no picture"},
		{"/v1/search", plain(hue(1))[:60], 422, "it is damaged"},
		{"/v1/search", make([]byte, 6000), 413, "more than 5000 bytes"},
		{"/v1/search", bomb(10000, 10000), 413, "5000"},
		{"/v1/search?k=0", plain(hue(1)), 400, "give 1 to"},
		{"/v1/search?k=x", plain(hue(1)), 400, "give 1 to"},
		{"/v1/search?threshold=2", plain(hue(1)), 400, "similarity"},
		{"/v1/search?threshold=NaN", plain(hue(1)), 400, "similarity"},
		{"/v1/search?group=none", plain(hue(1)), 400, "no group"},
	} {
		if a := post(t, h.URL+c.path, c.body); a.status != c.status || !strings.Contains(a.Error, c.words) {
			t.Errorf("%s of %d bytes: %d %s, want %d …%s…", c.path, len(c.body), a.status, a.text, c.status, c.words)
		}
	}
	if a := get(t, h.URL+"/v1/search"); a.status != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", a.status)
	}
	r, err := http.NewRequest(http.MethodPost, h.URL+"/v1/search", strings.NewReader("--b\r\n\r\n"))
	if err == nil {
		r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	}
	if a := ask(t, r, err); a.status != 400 {
		t.Errorf("half a form: %d %s", a.status, a.text)
	}
}

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
	s := server(t, Config{Timeout: 600 * time.Millisecond})
	ctx, stop := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	talk := func(send ...string) string {
		c, err := net.Dial("tcp", l.Addr().String())
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
	s := server(t, Config{Encoder: mean{slow: 300 * time.Millisecond}})
	ctx, stop := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, l) }()
	got := make(chan answer, 1)
	go func() { got <- post(t, "http://"+l.Addr().String()+"/v1/search", plain(hue(9))) }()
	time.Sleep(100 * time.Millisecond)
	stop()
	if a := <-got; a.status != 200 || a.Neighbors[0].Row != 9 {
		t.Errorf("what was begun: %d %s", a.status, a.text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", l.Addr().String()); err == nil {
		t.Error("it still answers")
	}
}

type other struct{ mean }

func (other) Identity() index.Encoder { return index.Encoder{Hash: "other", Dim: 3} }

func TestAnotherEncoderIsRefused(t *testing.T) {
	if _, err := New(Config{Index: colours(t), Encoder: other{}}); !errors.Is(err, index.ErrEncoder) {
		t.Error(err)
	}
}

type panics struct{ mean }

func (panics) Embed([]float32, []float32) error { panic("broken") }

func TestABrokenNetworkIsToldAndSurvived(t *testing.T) {
	h := start(t, Config{Encoder: panics{}})
	for range 2 {
		if a := post(t, h.URL+"/v1/search", plain(hue(9))); a.status != 500 || strings.Contains(a.text, "broken") {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
}

// Whatever is sent, the answer is JSON with a status that says whose fault it is.
func FuzzRequests(f *testing.F) {
	f.Add("/v1/search?k=3", "image/png", plain(hue(2)))
	f.Add("/v1/search?group=group+1", "multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=a; filename=b\r\n\r\nx\r\n--b--"))
	f.Add("/v1/embed", "", bomb(3000, 3000))
	f.Add("/v1/search?threshold=1e400&k=99999999999999999999", "multipart/x", []byte{})
	s := server(f, Config{MaxBytes: 1 << 16})
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, path, kind string, body []byte) {
		r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1"+path, bytes.NewReader(body))
		if err != nil || !strings.HasPrefix(r.URL.Path, "/v1/") {
			t.Skip()
		}
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		switch w.Code {
		case 200, 400, 413, 422:
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("%d: %q", w.Code, w.Body)
			}
		case 301, 307, 404, 405:
		default:
			t.Errorf("%s: %d: %q", path, w.Code, w.Body)
		}
	})
}

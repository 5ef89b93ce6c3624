package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
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

func (mean) Numbers() int { return 3 }

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
	if n := int64(len(images) / 3); m.largest != nil && n > m.largest.Load() {
		m.largest.Store(n)
	}
	time.Sleep(m.slow)
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
	t.Cleanup(func() { h.Close(); s.Close(); s.Close() })
	return h
}

// served serves at an address by [Server.Serve] until stop; ended then has what that
// returned.
func served(t testing.TB, c Config) (at string, stop func(), ended <-chan error) {
	t.Helper()
	s := server(t, c)
	ctx, stop := context.WithCancel(t.Context())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan error, 1)
	go func() { end <- s.Serve(ctx, l) }()
	return l.Addr().String(), stop, end
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

package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crossbatch/eval/index"
)

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

package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval/index"
)

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	answers := map[string]func(http.ResponseWriter, *http.Request) (any, error){
		"POST /v1/search":    s.search,
		"POST /v1/embed":     s.embed,
		"GET /v1/rows":       s.rows,
		"GET /v1/rows/{row}": s.row,
		"GET /v1/index":      s.index,
		"GET /v1/map":        func(http.ResponseWriter, *http.Request) (any, error) { return s.space() },
	}
	for pattern, answer := range answers {
		mux.Handle(pattern, s.guarded(pattern, func(w http.ResponseWriter, r *http.Request) {
			result, err := answer(w, r)
			if err != nil {
				s.fail(w, r, err)
				return
			}
			writeJSON(w, http.StatusOK, result)
		}))
	}
	mux.Handle("GET /v1/rows/{row}/picture", s.guarded("GET /v1/rows/{row}/picture", s.rowPicture))
	mux.Handle("GET /metrics", s.guarded("GET /metrics", s.showMetrics))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	pages(mux)
	return mux
}

// guarded bounds the time of a request, asks for the token, and counts.
func (s *Server) guarded(pattern string, handle http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(r.Context(), s.config.Timeout)
		defer cancel()
		counted := &counting{ResponseWriter: w, status: http.StatusOK}
		counted.Header().Set("X-Content-Type-Options", "nosniff")
		if s.allowed(r) {
			handle(counted, r.WithContext(ctx))
		} else {
			counted.Header().Set("WWW-Authenticate", "Bearer")
			s.fail(counted, r, wrong(http.StatusUnauthorized, "give the token: Authorization: Bearer TOKEN"))
		}
		s.metrics.answered(pattern, counted.status, time.Since(began))
	})
}

// counting remembers the status of an answer.
type counting struct {
	http.ResponseWriter
	status int
}

func (c *counting) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap is for http.ResponseController.
func (c *counting) Unwrap() http.ResponseWriter { return c.ResponseWriter }

func writeJSON(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil { // a number that JSON has not
		status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // who does not listen misses it
}

// retryAfter is in how many seconds one who was sent away may try again.
const retryAfter = 1

// fail tells of an error: in words where it is about the request, else only that
// there was one.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p, is := errors.AsType[problem](err)
	switch {
	case is:
	case errors.Is(err, errBusy):
		p = problem{http.StatusServiceUnavailable, err.Error()}
	case errors.Is(err, context.DeadlineExceeded):
		p = problem{http.StatusServiceUnavailable, "the search took too long: try again later"}
	case errors.Is(err, context.Canceled):
		p = problem{499, "the request was cancelled"} // nobody reads it
	default:
		s.config.Log.Error("a request failed", zap.String("path", r.URL.Path), zap.Error(err))
		p = problem{http.StatusInternalServerError, "the server failed; its log says how"}
	}
	if p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
	}
	writeJSON(w, p.status, map[string]string{"error": p.text})
}

// mostNeighbors bounds k.
const mostNeighbors = 1000

// wanted is what a request asks for, and the least similarity.
func (s *Server) wanted(r *http.Request) (k int, f index.Filter, threshold float64, err error) {
	query := r.URL.Query()
	k, threshold = 10, -1
	if text := query.Get("k"); text != "" {
		if k, err = strconv.Atoi(text); err != nil || k < 1 || k > mostNeighbors {
			return 0, f, 0, wrong(http.StatusBadRequest, "k is %q: give 1 to %d", text, mostNeighbors)
		}
	}
	if text := query.Get("threshold"); text != "" {
		if threshold, err = strconv.ParseFloat(text, 64); err != nil || !(threshold >= -1 && threshold <= 1) {
			return 0, f, 0, wrong(http.StatusBadRequest, "threshold is %q: give the least similarity, -1 to 1", text)
		}
	}
	f.Groups, f.NotGroups = query["group"], query["not_group"]
	if err := s.config.Index.CheckFilter(f); err != nil {
		return 0, f, 0, wrong(http.StatusBadRequest, "%v", err)
	}
	return k, f, threshold, nil
}

// Neighbor is one row of an answer, with its name and group.
type Neighbor struct {
	index.Neighbor
	Name  string `json:"name"`
	Group string `json:"group"`
}

// neighbors names the rows that are near enough.
func (s *Server) neighbors(found []index.Neighbor, threshold float64) ([]Neighbor, error) {
	list := make([]Neighbor, 0, len(found))
	for _, n := range found {
		if n.Similarity < threshold {
			continue
		}
		item, err := s.config.Index.Item(n.Row)
		if err != nil {
			return nil, err
		}
		list = append(list, Neighbor{n, item.Name, item.Group})
	}
	return list, nil
}

// job takes a request's picture to the network.
func (s *Server) job(w http.ResponseWriter, r *http.Request, j *job) error {
	content, err := s.picture(w, r)
	if err != nil {
		return err
	}
	if len(s.queue) == cap(s.queue) {
		return errBusy // before the work of decoding
	}
	j.ctx = r.Context()
	if j.image, err = s.image(j.ctx, content); err != nil {
		return err
	}
	return s.do(j)
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) (any, error) {
	k, f, threshold, err := s.wanted(r)
	if err != nil {
		return nil, err
	}
	j := &job{search: true, k: k, filter: f}
	if err := s.job(w, r, j); err != nil {
		return nil, err
	}
	list, err := s.neighbors(j.found, threshold)
	return map[string]any{"neighbors": list}, err
}

func (s *Server) embed(w http.ResponseWriter, r *http.Request) (any, error) {
	j := &job{}
	if err := s.job(w, r, j); err != nil {
		return nil, err
	}
	return map[string]any{"embedding": j.embedding, "encoder": s.config.Index.Encoder().Hash}, nil
}

// rowOf is the row that a request names.
func (s *Server) rowOf(r *http.Request) (int, index.Item, error) {
	row, err := strconv.Atoi(r.PathValue("row"))
	if err != nil || !s.config.Index.Has(row) {
		return 0, index.Item{}, wrong(http.StatusNotFound, "there is no row %q", r.PathValue("row"))
	}
	item, err := s.config.Index.Item(row)
	return row, item, err
}

func (s *Server) row(_ http.ResponseWriter, r *http.Request) (any, error) {
	k, f, threshold, err := s.wanted(r)
	if err != nil {
		return nil, err
	}
	row, item, err := s.rowOf(r)
	if err != nil {
		return nil, err
	}
	embedding := make([]float32, s.config.Index.Encoder().Dim)
	if err := s.config.Index.Embedding(embedding, row); err != nil {
		return nil, err
	}
	f.NotRows = []int{row}
	found, err := s.config.Index.Search(embedding, k, f)
	if err != nil {
		return nil, err
	}
	list, err := s.neighbors(found[0], threshold)
	return map[string]any{"row": row, "name": item.Name, "group": item.Group, "neighbors": list}, err
}

// mostListed bounds how many rows are listed at once.
const mostListed = 200

// rows lists n rows, evenly spaced over the index, others at each turn.
func (s *Server) rows(_ http.ResponseWriter, r *http.Request) (any, error) {
	n, err := strconv.Atoi(cmp.Or(r.URL.Query().Get("n"), "24"))
	if err != nil || n < 1 || n > mostListed {
		return nil, wrong(http.StatusBadRequest, "n is %q: give 1 to %d", r.URL.Query().Get("n"), mostListed)
	}
	turn, err := strconv.ParseUint(cmp.Or(r.URL.Query().Get("turn"), "0"), 10, 32)
	if err != nil {
		return nil, wrong(http.StatusBadRequest, "turn is %q: give 0 or more", r.URL.Query().Get("turn"))
	}
	type row struct {
		Row   int    `json:"row"`
		Name  string `json:"name"`
		Group string `json:"group"`
	}
	x, list, last := s.config.Index, []row{}, -1
	all := x.Rows()
	n = min(n, x.Len())
	// The golden section of a step spreads the turns over it.
	shift := math.Mod(float64(turn)*math.Phi, 1)
	for i := range n {
		at := max(last+1, int((float64(i)+shift)*float64(all)/float64(n)))
		for at < all && !x.Has(at) {
			at++
		}
		if at >= all {
			break
		}
		item, err := x.Item(at)
		if err != nil {
			return nil, err
		}
		list, last = append(list, row{at, item.Name, item.Group}), at
	}
	return map[string]any{"rows": list}, nil
}

func (s *Server) rowPicture(w http.ResponseWriter, r *http.Request) {
	_, item, err := s.rowOf(r)
	if err == nil && len(item.Picture) == 0 {
		err = wrong(http.StatusNotFound, "the row has no picture")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	kind := http.DetectContentType(item.Picture)
	switch kind {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
	default:
		kind = "application/octet-stream"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=60")
	_, _ = w.Write(item.Picture) // who does not listen misses it
}

func (s *Server) index(http.ResponseWriter, *http.Request) (any, error) {
	type group struct {
		Name string `json:"name"`
		Rows int    `json:"rows"`
	}
	names, sizes, err := s.config.Index.Groups()
	groups := make([]group, len(names))
	for i, name := range names {
		groups[i] = group{name, sizes[i]}
	}
	e := s.config.Index.Encoder()
	return map[string]any{"rows": s.config.Index.Len(), "dim": e.Dim, "encoder": e.Hash, "name": e.Name, "groups": groups,
		"max_bytes": s.config.MaxBytes, "map_rows": min(s.config.MapRows, s.config.Index.Len())}, err
}

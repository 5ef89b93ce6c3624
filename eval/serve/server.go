package serve

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"go.uber.org/zap"

	"crossbatch/eval/index"
	"crossbatch/eval/report/space"
)

// Encoder makes embeddings of pictures.
type Encoder interface {
	// Identity must be that of the index.
	Identity() index.Encoder
	// Numbers is how many numbers the network takes for a picture.
	Numbers() int
	// Read stores a picture, given as a file, in dst, of length Numbers. Its errors are told to
	// whoever sent it. It may be called concurrently.
	Read(dst []float32, picture []byte) error
	// Embed stores the embeddings of images (n×Numbers) in dst. It is called by one
	// goroutine at a time.
	Embed(dst, images []float32) error
}

// Config says what is served and how. Index and Encoder must be given.
type Config struct {
	Index   *index.Index
	Encoder Encoder
	Token   string // that requests must bear; "": none

	MaxBytes int64         // of a request's body; 0: 16 MiB
	Timeout  time.Duration // of a request, from its first byte to its answer; 0: 30 s
	Queue    int           // searches that may wait for the network; 0: 64
	Batch    int           // pictures that go through the network together, at most; 0: 64
	MapRows  int           // rows on the map, at most; 0: 20,000
	Log      *zap.Logger   // nil: nothing is told
}

// Server answers requests. Make one with New.
type Server struct {
	config  Config
	handler http.Handler
	bodies  chan struct{} // one for each body that is held in memory
	readers chan struct{} // one for each picture that is decoded
	queue   chan *job
	metrics metrics
	space   func() (space.Map, error)
	stopped chan struct{} // closed when no more jobs come
	stop    sync.Once
	working sync.WaitGroup
}

// bodiesPerPlace is how many bodies may be on their way for each that may wait:
// slow senders must not keep others out.
const bodiesPerPlace = 4

// New returns a server, or an error where the encoder is not that of the index.
func New(c Config) (*Server, error) {
	if err := c.Index.Encoder().Accepts(c.Encoder.Identity()); err != nil {
		return nil, err
	}
	if c.MaxBytes < 0 || c.Timeout < 0 || c.Queue < 0 || c.Batch < 0 || c.MapRows < 0 {
		return nil, fmt.Errorf("serve: %d bytes, %v, %d in the queue, batches of %d, %d on the map: give 0 (the default) or more", c.MaxBytes, c.Timeout, c.Queue, c.Batch, c.MapRows)
	}
	c.MaxBytes, c.Timeout = cmp.Or(c.MaxBytes, 16<<20), cmp.Or(c.Timeout, 30*time.Second)
	c.Queue, c.Batch, c.MapRows = cmp.Or(c.Queue, 64), cmp.Or(c.Batch, 64), cmp.Or(c.MapRows, 20000)
	if c.Log == nil {
		c.Log = zap.NewNop()
	}
	s := &Server{
		config:  c,
		bodies:  make(chan struct{}, bodiesPerPlace*c.Queue),
		readers: make(chan struct{}, runtime.GOMAXPROCS(0)),
		queue:   make(chan *job, c.Queue),
		stopped: make(chan struct{}),
	}
	s.space = sync.OnceValues(s.layOut)
	s.handler = s.routes()
	s.working.Go(s.work)
	return s, nil
}

// Close ends the server's goroutine. Call it when no request is being answered. After
// another Close, or after Serve, which calls it, it does nothing.
func (s *Server) Close() {
	s.stop.Do(func() { close(s.stopped) })
	s.working.Wait()
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Listen listens at an address, a host with a port. open tells that others than this machine
// may reach it.
func Listen(address string) (l net.Listener, open bool, err error) {
	if l, err = net.Listen("tcp", address); err != nil {
		return nil, false, fmt.Errorf("--listen %s: %w: choose another address", address, errors.Unwrap(err))
	}
	at, is := l.Addr().(*net.TCPAddr)
	return l, is && !at.IP.IsLoopback(), nil
}

// Serve answers requests at l until ctx ends. Then it takes no more, finishes those
// that it has, for at most Timeout and a second, and returns; what was cut off is an
// error. The server is closed then. Call it once.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler:           onlyThisHost(l.Addr(), s),
		ReadHeaderTimeout: min(s.config.Timeout, 10*time.Second),
		ReadTimeout:       s.config.Timeout,
		WriteTimeout:      2 * s.config.Timeout, // the map may take its time
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 16,
		ErrorLog:          zap.NewStdLog(s.config.Log.WithOptions(zap.IncreaseLevel(zap.ErrorLevel))),
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	defer s.Close()
	select {
	case err := <-failed:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Timeout+time.Second)
	defer cancel()
	err := h.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(fmt.Errorf("serve: some requests were cut off after %v", s.config.Timeout), h.Close())
	}
	return err
}

package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
)

// problem is an error that is told to whoever sent the request.
type problem struct {
	status int
	text   string
}

func (p problem) Error() string { return p.text }

func wrong(status int, format string, args ...any) error {
	return problem{status, fmt.Sprintf(format, args...)}
}

// picture reads the picture that a request brings: as its body, or as the first file
// of a form.
func (s *Server) picture(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	select {
	case s.bodies <- struct{}{}:
		defer func() { <-s.bodies }()
	default:
		return nil, errBusy
	}
	body := io.Reader(http.MaxBytesReader(w, r.Body, s.config.MaxBytes))
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && strings.HasPrefix(kind, "multipart/") {
		part, err := firstFile(multipart.NewReader(body, parameters["boundary"]))
		if err != nil {
			return nil, s.bodyProblem(err)
		}
		body = part
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, s.bodyProblem(err)
	}
	if len(content) == 0 {
		return nil, wrong(http.StatusBadRequest, "no picture: send one as the body of the request, or in a form")
	}
	return content, nil
}

// firstFile is the first part of a form that has a file's name, or else the first.
func firstFile(form *multipart.Reader) (io.Reader, error) {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, wrong(http.StatusBadRequest, "no picture in the form: add a file to it")
		}
		if err != nil {
			return nil, err
		}
		if part.FileName() != "" || part.FormName() == "" {
			return part, nil
		}
	}
}

// bodyProblem says what is wrong with a body that could not be read.
func (s *Server) bodyProblem(err error) error {
	if p, is := errors.AsType[problem](err); is {
		return p
	}
	if _, is := errors.AsType[*http.MaxBytesError](err); is {
		return wrong(http.StatusRequestEntityTooLarge, "the request has more than %d bytes: send a smaller picture", s.config.MaxBytes)
	}
	timeout, is := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), is && timeout.Timeout():
		return wrong(http.StatusRequestTimeout, "the request took more than %v to arrive", s.config.Timeout)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return wrong(http.StatusBadRequest, "the request ended before its picture did")
	}
	return wrong(http.StatusBadRequest, "the request cannot be read: %s", "it is no picture and no form")
}

// image decodes a picture as the network sees it.
func (s *Server) image(ctx context.Context, content []byte) ([]float32, error) {
	select {
	case s.readers <- struct{}{}:
		defer func() { <-s.readers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	image := make([]float32, s.config.Encoder.Numbers())
	if err := s.config.Encoder.Read(image, content); err != nil {
		return nil, wrong(http.StatusUnprocessableEntity, "the picture cannot be read: %v", err)
	}
	return image, nil
}

package features

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"crossbatch/trainer/data/files"
)

// headSize is how many bytes of a file tell what it is.
const headSize = 512

// isArray tells an array of NumPy, or several in a .npz, from a text, by content. Other kinds are
// an error that says what they are and what to do.
func isArray(path string) (bool, error) {
	file, err := os.Open(path)
	if err != nil {
		return false, files.Bare(err)
	}
	defer func() { _ = file.Close() }() // it was only read
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, files.Bare(err)
	}
	head = head[:n]
	starts := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	if starts("\x93NUMPY") || starts("PK\x03\x04") {
		return true, nil
	}
	for _, kind := range [][2]string{
		{"PAR1", "Parquet, which is not read: save it with pandas' to_csv, or its numbers with numpy.save"},
		{"ARROW1", "Arrow, which is not read: save it with pandas' to_csv, or its numbers with numpy.save"},
		{"FEA1", "Feather, which is not read: save it with pandas' to_csv, or its numbers with numpy.save"},
		{"\x89HDF\r\n", "HDF5, which is not read: save its arrays with numpy.save"},
		{"MATLAB 5.0", "a MATLAB file, which is not read here: save its arrays with numpy.save"},
		{"\x1f\x8b", "compressed by gzip: unpack it first"},
	} {
		if starts(kind[0]) {
			return false, errors.New(kind[1])
		}
	}
	if len(head) > 1 && head[0] == 0x80 && head[1] <= 5 {
		return false, errors.New("pickled objects of Python, which are not read: save arrays with numpy.save")
	}
	if strings.EqualFold(filepath.Ext(path), ".npy") || strings.EqualFold(filepath.Ext(path), ".npz") {
		return true, nil // damaged: reading says it
	}
	if isUTF16 := starts("\xff\xfe") || starts("\xfe\xff"); !isUTF16 && bytes.ContainsRune(head, 0) {
		return false, errors.New("neither a text nor an array of NumPy")
	}
	return false, nil
}

// readArray reads an array of a file of NumPy: of a .npz with several, the first of these names.
func readArray(path string, names ...string) (array, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, files.Bare(err))
	}
	if bytes.HasPrefix(content, []byte("PK")) {
		content, err = member(content, names)
	}
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, err)
	}
	a, err := parseNPY(content)
	if err != nil {
		return array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// maxMember bounds what a member of a .npz unpacks to.
const maxMember = 1 << 34

// member is the one array of a .npz, or the one that is named so.
func member(content []byte, names []string) ([]byte, error) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil, fmt.Errorf("%w: no .npz file, or cut short", err)
	}
	arrays := map[string]*zip.File{}
	for _, f := range archive.File {
		switch name, isArray := strings.CutSuffix(f.Name, ".npy"); {
		case isArray:
			arrays[name] = f
		case strings.HasSuffix(f.Name, "data.pkl"):
			return nil, errors.New("a file of PyTorch, which is not read: save it with numpy.save(file, tensor.cpu().numpy())")
		case f.Name == "[Content_Types].xml":
			return nil, errors.New("a file of Excel, which is not read: save it as CSV")
		}
	}
	var have []string
	for name := range arrays {
		have = append(have, name)
	}
	slices.Sort(have)
	chosen := ""
	for _, name := range names {
		if at := slices.IndexFunc(have, func(h string) bool { return strings.EqualFold(h, name) }); at >= 0 {
			chosen = have[at]
			break
		}
	}
	switch {
	case len(have) == 0:
		return nil, errors.New("an archive without arrays of NumPy")
	case len(have) == 1:
		chosen = have[0]
	case chosen == "":
		return nil, fmt.Errorf("several arrays, %s: name the one that is meant %s, or save it alone", strings.Join(have, ", "), names[0])
	}
	r, err := arrays[chosen].Open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", chosen, err)
	}
	defer func() { _ = r.Close() }() // it was only read
	plain, err := io.ReadAll(io.LimitReader(r, maxMember+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w: cut short or damaged", chosen, err)
	}
	if len(plain) > maxMember {
		return nil, fmt.Errorf("%s: more than %d GiB", chosen, maxMember>>30)
	}
	return plain, nil
}

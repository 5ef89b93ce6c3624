package study

import "crossbatch/eval/record"

// fence is a file system to which nothing is written unless check says that it may be.
type fence struct {
	record.FS
	check func() error
}

// fencedFile is a file of it.
type fencedFile struct {
	record.File
	check func() error
}

func (f fence) file(open func() (record.File, error)) (record.File, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	return fencedFile{file, f.check}, nil
}

func (f fence) CreateTemp(dir, prefix string) (record.File, error) {
	return f.file(func() (record.File, error) { return f.FS.CreateTemp(dir, prefix) })
}

func (f fence) Append(path string, size int64) (record.File, error) {
	return f.file(func() (record.File, error) { return f.FS.Append(path, size) })
}

func (f fence) Rename(from, to string) error {
	if err := f.check(); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

func (f fence) Remove(path string) error {
	if err := f.check(); err != nil {
		return err
	}
	return f.FS.Remove(path)
}

func (f fence) MkdirAll(path string) error {
	if err := f.check(); err != nil {
		return err
	}
	return f.FS.MkdirAll(path)
}

func (f fencedFile) Write(b []byte) (int, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	return f.File.Write(b)
}

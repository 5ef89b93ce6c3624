//go:build nvidia

package cuda

// Thread is what work has of a context: see [Context.Do].
type Thread struct{ c *Context }

// Do calls f on the context's thread. Calls come one at a time. After an error that the
// device does not recover from it only tells of it.
func (c *Context) Do(f func(Thread) error) error { return c.do(func() error { return f(Thread{c}) }) }

// Buffer is a piece of device memory. The zero value is none.
type Buffer = buffer

// Room has b hold as many bytes, for what. What was in it is lost if it has to grow. Memory
// that is new holds anything.
func (t Thread) Room(b *Buffer, what string, bytes int) error {
	return t.c.arena.sized(b, what, int64(bytes))
}

// Release gives buffers back.
func (t Thread) Release(buffers ...*Buffer) { t.c.arena.release(buffers...) }

// Upload has x, which may be changed at once, go to b.
func (t Thread) Upload(b *Buffer, x []float32) error { return upload(t.c, b, x) }

// UploadInts is Upload for whole numbers.
func (t Thread) UploadInts(b *Buffer, x []int32) error { return upload(t.c, b, x) }

// Download has the numbers of b go to x, where they are after the next Wait.
func (t Thread) Download(x []float32, b *Buffer) error { return download(t.c, x, b) }

// DownloadInts is Download for whole numbers.
func (t Thread) DownloadInts(x []int32, b *Buffer) error { return download(t.c, x, b) }

// Launch has a kernel of the folder kernel run after what was given to do before, with so
// many bytes of shared memory a block. Arguments are *Buffer (nil: null), int and float64.
func (t Thread) Launch(kernel string, grid [3]int, shared int, arguments ...any) error {
	return t.c.launch(kernel, grid, shared, arguments...)
}

// Wait waits until all is done, and what was downloaded has arrived.
func (t Thread) Wait() error { return t.c.wait() }

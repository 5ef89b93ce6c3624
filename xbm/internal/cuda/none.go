//go:build !nvidia

package cuda

// Devices lists the devices.
func Devices() ([]Info, error) { return nil, ErrNotBuilt }

// Context is a device in use.
type Context struct{}

// Open begins to use a device.
func Open(int, Options) (*Context, error) { return nil, ErrNotBuilt }

// Info is the device.
func (c *Context) Info() Info { return Info{} }

// Close gives the device back.
func (c *Context) Close() error { return nil }

package device

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crossbatch/xbm/internal/cuda"
)

// The names of the precisions.
const (
	TF32 = string(cuda.TF32) // float32 rows, products of numbers rounded to 11 bits
	BF16 = string(cuda.BF16) // rows and products of 8 bits, in half the room
	FP32 = string(cuda.FP32) // float32 throughout
)

// Precisions lists the precisions that matrix products can be taken in. Sums are
// float32 in each.
func Precisions() []string { return []string{TF32, BF16, FP32} }

// CPU is the name of the processor.
const CPU = "cpu"

// Config names a device and says how to use it.
type Config struct {
	// Name is cpu, cuda or cuda:N. With :debug at its end, kernels are waited for one by
	// one, so that an error names the one that failed. Default (""): cpu.
	Name string
	// Precision is one of Precisions. Default (""): tf32.
	Precision string
	// Limit is the most device memory to take, in bytes. Default (0): what is free.
	Limit int64
}

// number is the number of the graphics card, -1 for the processor.
func (c Config) number() (n int, debug bool, err error) {
	if c.Precision != "" && !slices.Contains(Precisions(), c.Precision) {
		return 0, false, fmt.Errorf("precision %q: give one of %s", c.Precision, strings.Join(Precisions(), ", "))
	}
	if c.Name == "" || c.Name == CPU {
		return -1, false, nil
	}
	name, debug := strings.CutSuffix(c.Name, ":debug")
	kind, text, numbered := strings.Cut(name, ":")
	if numbered {
		if n, err = strconv.Atoi(text); err != nil || n < 0 {
			kind = ""
		}
	}
	if kind != "cuda" {
		return 0, false, fmt.Errorf("device %q: give cpu, cuda or cuda:N: see xbm devices", c.Name)
	}
	return n, debug, nil
}

// Validate returns an error where Name or Precision is unknown.
func (c Config) Validate() error {
	_, _, err := c.number()
	return err
}

// Device is a graphics card in use. Nil is the processor. Not safe for concurrent use.
type Device struct {
	context   *cuda.Context
	precision cuda.Precision
}

// Open begins to use the device. For the processor it returns nil and no error. A
// build without CUDA, or a machine without such a card, is an error.
func (c Config) Open() (*Device, error) {
	n, debug, err := c.number()
	if err != nil || n < 0 {
		return nil, err
	}
	context, err := cuda.Open(n, cuda.Options{Limit: c.Limit, Debug: debug})
	if err != nil {
		return nil, fmt.Errorf("device %s: %w", c.Name, err)
	}
	return &Device{context, cuda.Precision(cmp.Or(c.Precision, TF32))}, nil
}

// String names the device.
func (d *Device) String() string {
	if d == nil {
		return CPU
	}
	return d.context.Info().String()
}

// Close gives the device back.
func (d *Device) Close() error {
	if d == nil {
		return nil
	}
	return d.context.Close()
}

// IsLost reports whether an error says that the device can't be used any more.
func IsLost(err error) bool { return errors.Is(err, cuda.ErrLost) }

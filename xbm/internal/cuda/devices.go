//go:build nvidia

package cuda

// #cgo LDFLAGS: -lcuda -ldl
// #include <cuda.h>
// extern const char *xbm_driver_error;
// extern int xbm_driver_init;
import "C"

import (
	"errors"
	"fmt"

	"gorgonia.org/cu"
)

// driver reports why there is no driver, nil where there is one.
func driver() error {
	if C.xbm_driver_error != nil {
		return fmt.Errorf("no NVIDIA driver: %s: install the driver, or use --device cpu", C.GoString(C.xbm_driver_error))
	}
	switch code := int(C.xbm_driver_init); code {
	case C.CUDA_SUCCESS:
		return nil
	case C.CUDA_ERROR_NO_DEVICE:
		return errors.New("the NVIDIA driver finds no device (is CUDA_VISIBLE_DEVICES empty?): use --device cpu")
	default:
		return fmt.Errorf("the NVIDIA driver does not start: its error %d: use --device cpu", code)
	}
}

// Devices lists the devices.
func Devices() ([]Info, error) {
	if err := driver(); err != nil {
		return nil, err
	}
	n, err := cu.NumDevices()
	if err != nil {
		return nil, fmt.Errorf("count the devices: %w", err)
	}
	all := make([]Info, n)
	for i := range all {
		if all[i], err = info(cu.Device(i)); err != nil {
			return nil, fmt.Errorf("cuda:%d: %w", i, err)
		}
	}
	return all, nil
}

func info(d cu.Device) (Info, error) {
	i := Info{Number: int(d)}
	var err error
	if i.Name, err = d.Name(); err != nil {
		return i, err
	}
	if i.Memory, err = d.TotalMem(); err != nil {
		return i, err
	}
	for _, a := range []struct {
		to   *int
		what cu.DeviceAttribute
	}{{&i.Major, cu.ComputeCapabilityMajor}, {&i.Minor, cu.ComputeCapabilityMinor}, {&i.Processors, cu.MultiprocessorCount}} {
		if *a.to, err = d.Attribute(a.what); err != nil {
			return i, err
		}
	}
	return i, nil
}

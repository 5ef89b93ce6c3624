// Package encoder runs networks on a device.
package encoder

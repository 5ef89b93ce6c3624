//go:build !amd64

package kernel

func detect() kind { return portable }

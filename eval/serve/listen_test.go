package serve

import (
	"strings"
	"testing"
)

func TestListen(t *testing.T) {
	for address, want := range map[string]bool{"127.0.0.1:0": false, ":0": true} {
		l, open, err := Listen(address)
		if err != nil {
			t.Fatal(err)
		}
		if open != want {
			t.Errorf("%s: open to others is %v, want %v", address, open, want)
		}
		_ = l.Close()
	}
	if _, _, err := Listen("127.0.0.1:x"); err == nil || !strings.HasPrefix(err.Error(), "--listen 127.0.0.1:x: ") {
		t.Error(err)
	}
}

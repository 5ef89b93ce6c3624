package claim

import (
	"os"
	"testing"
)

func TestTheLastWordIsRead(t *testing.T) {
	f := quick(t)
	c := take(t, f, "cell")
	c.Amount(5)
	if err := c.Release(Failed, "no room\non the disk"); err != nil {
		t.Fatal(err)
	}
	s, err := f.Look("cell")
	if err != nil || s.Word != Failed || s.Reason != "no room\non the disk" || s.Amount != 5 || s.Owner.PID != os.Getpid() {
		t.Errorf("%+v, %v", s, err)
	}
	if c = take(t, f, "cell"); c.Generation() != 2 {
		t.Errorf("generation %d", c.Generation())
	}
	if err := c.Release(Complete, ""); err != nil {
		t.Error(err)
	}
}

// A file that is not whole is somebody's.
func TestATornFileIsHeld(t *testing.T) {
	f := quick(t)
	whole, _ := State{Word: Free, Owner: Here()}.text()
	for n := range whole[:len(whole)-1] {
		s := State{}
		s.parse(string(whole[:n]))
		if s.Word != Held {
			t.Fatalf("%d bytes are %q", n, s.Word)
		}
	}
	if s, err := f.Look("nobody's"); err != nil || s.Word != Free || s.Generation != 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

package claim

import (
	"errors"
	"os"
	"testing"
	"time"
)

// An owner that could not write for long claims anew before it goes on; it is not lost
// where nobody else did.
func TestAfterASilenceAnOwnerClaimsAnew(t *testing.T) {
	f := quick(t)
	f.Beat = time.Hour
	c := take(t, f, "cell")
	time.Sleep(f.Silence)
	if err := c.Check(); err != nil || c.Generation() != 2 {
		t.Errorf("generation %d, %v", c.Generation(), err)
	}
	time.Sleep(f.Silence)
	foreign(t, f, "cell", State{Generation: 3, Word: Held})
	if err := c.Check(); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
	select {
	case <-c.Lost():
	default:
		t.Error("nobody hears that it is lost")
	}
	if err := c.Release(Complete, ""); !errors.Is(err, ErrLost) {
		t.Errorf("%v", err)
	}
	if s, _ := f.Look("cell"); s.Generation != 3 || s.Word != Held {
		t.Errorf("it is %+v", s)
	}
}

// Whoever removes the folder takes the claims away.
func TestAClaimWithoutItsFileIsLost(t *testing.T) {
	f := quick(t)
	c := take(t, f, "cell")
	if err := os.RemoveAll(f.Path); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Lost():
	case <-time.After(time.Minute):
		t.Error("it is not noticed")
	}
}

// A heartbeat that was due when the claim was released makes no further generation.
func TestNothingFollowsTheLastWord(t *testing.T) {
	f := Folder{Path: t.TempDir()}
	c, err := f.Take("a", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Release(Failed, "no room"); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.confirmed = time.Time{}
	err = c.renew()
	c.mu.Unlock()
	if s, look := f.Look("a"); err != nil || look != nil || s.Generation != 1 || s.Word != Failed {
		t.Errorf("%v, %v: %+v", err, look, s)
	}
}

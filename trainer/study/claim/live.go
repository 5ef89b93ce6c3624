package claim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// live writes heartbeats until the claim ends.
func (c *Claim) live() {
	tick := time.NewTicker(c.folder.beat())
	defer tick.Stop()
	for {
		select {
		case <-c.ended:
			return
		case <-tick.C:
		}
		c.mu.Lock()
		_ = c.renew() // Check says it
		lost := c.lost
		c.mu.Unlock()
		if lost != nil {
			return
		}
	}
}

// Check returns an error if the claim may have been lost. Call it before every write to the
// claimed work. It is cheap as long as heartbeats are written.
func (c *Claim) Check() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lost == nil && since(c.confirmed) < c.folder.silence()/2 {
		return nil
	}
	return c.renew()
}

// Lost returns a channel that is closed when another process has taken the claim over.
func (c *Claim) Lost() <-chan struct{} { return c.gone }

// Generation returns the number of this owner of the work, from 1.
func (c *Claim) Generation() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state.Generation
}

// Amount sets the amount of work done. Others see it with the next heartbeat.
func (c *Claim) Amount(done int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state.Amount = done
}

// Release ends the claim with a last word, and with a reason if the word is Failed. This
// process must not write to the work afterwards. An error means that the word could not be
// written: others then have to see the heartbeat stop.
func (c *Claim) Release(word Word, reason string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.ended:
		return nil
	default:
	}
	close(c.ended)
	if c.lost != nil {
		return errors.Join(c.lost, c.file.Close())
	}
	c.state.Word, c.state.Reason = word, reason
	return errors.Join(c.write(), c.file.Close())
}

// renew writes a heartbeat. After a silence in which others may have given this
// process up it claims anew.
func (c *Claim) renew() error {
	if c.lost != nil {
		return c.lost
	}
	select {
	case <-c.ended:
		return nil // a heartbeat that was due must not follow the last word
	default:
	}
	began := time.Now()
	if since(c.confirmed) >= c.folder.silence()/2 {
		switch won, err := c.next(); {
		case err != nil:
			return err
		case !won:
			return c.lose()
		}
		return nil
	}
	c.state.Beat++
	if err := c.write(); err != nil {
		return err
	}
	// The others see it only where it is still the file of the work, and the last one.
	path := filepath.Join(c.folder.of(c.name), strconv.Itoa(c.state.Generation+1))
	_, err := os.Stat(path)
	if err == nil || !same(c.file, c.path()) {
		return c.lose()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("claim: %w", err)
	}
	c.confirmed = began
	return nil
}

func (c *Claim) lose() error {
	c.lost = fmt.Errorf("%s: %w", c.name, ErrLost)
	close(c.gone)
	return c.lost
}

func (c *Claim) path() string {
	return filepath.Join(c.folder.of(c.name), strconv.Itoa(c.state.Generation))
}

// write writes the state in place.
func (c *Claim) write() error {
	text, err := c.state.text()
	if err == nil {
		_, err = c.file.WriteAt(text, 0)
	}
	if err = errors.Join(err, c.file.Sync()); err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	return nil
}

// since is the time since then, also where the machine slept meanwhile, in which one of
// the clocks stands still.
func since(then time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}

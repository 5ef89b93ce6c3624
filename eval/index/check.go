package index

import "fmt"

// Check reads all of the index and compares it with its checksums. The error wraps
// ErrCorrupt and names the first commit that differs.
func (x *Index) Check() error {
	var before commit
	for number, c := range x.commits {
		from, to := before.sizes(x.manifest.rowBytes()), c.sizes(x.manifest.rowBytes())
		for f, name := range fileNames() {
			if castagnoli(x.mapped[f][from[f]:to[f]]) != c.Sums[f] {
				return fmt.Errorf("index: %s: %w: %s, rows %d to %d, does not fit its checksum (commit %d)",
					x.dir, ErrCorrupt, name, before.Rows, c.Rows, number)
			}
		}
		before = c
	}
	for row := range x.Rows() {
		if _, err := x.Item(row); err != nil {
			return err
		}
	}
	return nil
}

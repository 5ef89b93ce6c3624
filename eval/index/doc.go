// Package index keeps embeddings with the names and small pictures of what they
// are of, on disk, and searches them exactly.
//
// An index is a folder that one process at a time writes to, with [Append], and any number
// read, with [Open]. Rows come and go in commits: when Add or Remove has returned, its
// commit is on the disk, whatever happens to the process after; a commit that was cut short
// is there as a whole or not at all. The rows lie one after the other in a file that is
// mapped, not read, so that an index of a million rows opens in milliseconds. Numbers are
// little-endian:
//
//	index.json         what the index is of: numbers a row, which encoder made them
//	rows-N             the embeddings, n×dim, float32, or IEEE 754 binary16 in a half index
//	squares-N          -‖row‖²/2 of each row, float32
//	places-N           where each row's name and picture lie, 32 bytes a row
//	names-N            names and groups
//	pictures-N         small pictures, as files of their own kind
//	removed-N          numbers of the rows that were removed, uint64 each
//	commits-N          how far all of these went after each commit, with checksums
//
// N counts how often the folder was compacted, which gives the room of removed
// rows back. What a killed process wrote beyond its last commit is overwritten by
// the next.
//
// The order of neighbours is that of package eval: by the exact distance of the
// rows, then by their number.
package index

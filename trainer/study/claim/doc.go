// Package claim shares out pieces of work among processes, of one machine or of many, by
// files in a folder that all of them see.
//
// Each piece has a folder with one file for each owner that it has had: 1, 2, 3, …; the
// last is the owner now. A file is made by link(2), which one process alone succeeds at,
// also on NFS, and none is ever renamed or removed: whoever wants to follow owner g makes
// file g+1, and of several one succeeds. flock(2), which not every file system has, is
// not used.
//
// An owner writes a count, its heartbeat, into its file every few seconds. Others may
// follow it once it has let go, or once its process is gone where they can know that (on
// the same machine), or once they have seen the count stand still for a minute by their
// own clocks: clocks of machines are never compared. An owner that could not write its
// count for half of that time, because its machine slept or the network was away, makes
// the next file itself before it goes on, or finds that another has.
package claim

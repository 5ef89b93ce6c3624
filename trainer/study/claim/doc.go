// Package claim divides pieces of work among processes, on one machine or on many, by files in
// a shared folder.
//
// Each piece has a folder with one file for each owner that it has had: 1, 2, 3, … The last is
// the present owner. A file is made with link(2): of several processes exactly one succeeds,
// also on NFS. No file is ever renamed or removed. To follow owner g a process makes file g+1.
// flock(2) is not used, because some file systems do not have it.
//
// An owner writes a counter, its heartbeat, into its file every few seconds. Another process
// may take over in three cases: the owner has released the claim; the owner's process is known
// to be gone, which can be seen on the same machine; or the counter has not changed for
// Folder.Silence, a minute by default, by the clock of the watching process. Clocks of
// different machines are never compared.
//
// An owner that could not write its heartbeat for half of that time, because its machine slept
// or the network was down, makes the next file itself before it continues. If another process
// has made that file, the claim is lost.
package claim

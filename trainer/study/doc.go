// Package study lays out studies as runs and adds up what they came to: grids
// of settings such as memory and batch size, each with several seeds; searches
// for a setting; and the protocol of A Metric Learning Reality Check.
//
// The runs of one seed start from the same weights and, at one batch size, see
// the same batches in the same order; all take the same number of steps or see
// the same number of images. A run of a study is called a cell, and depends on
// nothing but its configuration: cells may be run in any order, at once, again, or
// on another day.
//
// Not here: how a run is made, where it is kept, and tables and figures
// (eval/report).
package study

// Package study plans studies of many runs, makes the runs, and summarises their results. It
// has three kinds of study: grids of settings, such as memory and batch size, with several
// seeds; searches for a setting; and the protocol of A Metric Learning Reality Check.
//
// A run of a study is called a cell. A cell depends on its configuration alone: cells may run
// in any order, at the same time, again, or on another day. Cells of one seed start from the
// same weights and, with one batch size, see the same batches in the same order. All cells
// take the same number of steps, or see the same number of images.
//
// Other packages make a run (trainer/run), store it (eval/record), and draw tables and figures
// (eval/report).
package study

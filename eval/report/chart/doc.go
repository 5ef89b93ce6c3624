// Package chart draws curves with their intervals, heat maps, bars and intervals
// side by side, each once, as SVG that follows the reader's light or dark scheme
// and as PNG.
//
// A chart is a struct of data; its Figure method lays it out. A figure is marks
// with roles (ink, a series' colour) in place of colours; the two writers give the
// roles theirs. The same data give the same bytes.
//
// Not here: what the numbers mean (eval/report).
package chart

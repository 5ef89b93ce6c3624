// Package cluster writes the cells of a study as jobs of a scheduler: arrays of Slurm, or
// indexed jobs of Kubernetes. The jobs of a stage depend on those of the stage before. A last
// job makes the cells that are still missing, and the report.
//
// What a cell is, and how it is made, is in trainer/study.
package cluster

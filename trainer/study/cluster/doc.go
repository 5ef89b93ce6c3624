// Package cluster writes down the cells of a study as the jobs of a scheduler: Slurm's
// arrays and Kubernetes' indexed jobs. A stage's jobs depend on those of the stage
// before, and the last one makes what is missing, and the page.
//
// Not here: what a cell is, and how it is made (trainer/study).
package cluster

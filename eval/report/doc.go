// Package report turns scores and embeddings into what people look at: tables of
// a study, and sheets of queries with their nearest neighbours.
//
// Not here: where the numbers come from (eval) and the files of a run
// (eval/record).
package report

// Package report turns scores and embeddings into what people look at: tables of
// a study, sheets of queries with their nearest neighbours, and pictures of the
// weights of pairs.
//
// Not here: where the numbers come from (eval) and the files of a run
// (eval/record).
package report

// Package run makes a run: a training by a configuration, with all of its results in a folder.
// It loads the data, makes the network, trains, scores and writes. A run that was stopped
// continues bit for bit as if it had not been. A complete run can be opened to score or embed
// other images.
//
// The files of the folder are described in eval/record. The networks are those of package
// backbone, and with it gorgonia. Package trainer depends on neither: it trains a network of
// your own, too.
//
// Studies of many runs are in trainer/study.
package run

// Package run makes a training of a configuration and leaves everything of it in a
// folder: it loads the data, makes the network, trains, scores, and writes. A run that
// was stopped goes on to the bit as if it had not been, and one that is complete is
// opened again, to score or embed other images.
//
// The folder is that of eval/record. Networks are those of package backbone: this is
// the one package beside it and the command that knows gorgonia, so that trainer
// itself, and whoever brings a network of his own to it, do without.
//
// Not here: studies of many runs (trainer/study), flags, and how progress looks.
package run

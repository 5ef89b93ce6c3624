// Package finder makes a search by picture of a run and an index: it embeds pictures that are
// no part of a data set with the run's network, as that saw pictures in training, and puts
// them into an index, which holds a copy of the network from then on.
package finder

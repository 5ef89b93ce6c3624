// Package trainer learns an embedding on a class-disjoint split of a data set,
// with a pair loss within the batch and one against a memory of past batches.
//
// A step is: draw P classes × K images, embed them, add each term's gradient
// with respect to the embeddings, carry it back through the network, update.
// Every so often the validation classes are scored; the weights of the best
// score are kept, and with them the test classes are scored, once, at the end.
//
// Without labels each image is a class of its own, whose positives are its other
// augmented views; classes are then used for scoring alone. A momentum encoder, a
// second network that follows the trained one, may make the memory's rows.
//
// All that a step leaves behind for the next can be kept and restored, see
// [Training.Sections]: a training that was killed goes on to the bit as if it had not
// been.
//
// It trains anything that is an [Encoder] and knows no network. Not here: data
// (trainer/data), the memory (xbm), losses (xbm/loss), optimizers
// (trainer/optim), the file that a state is kept in (trainer/checkpoint), metrics
// (eval), the files of a run (eval/record).
package trainer

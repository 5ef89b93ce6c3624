// Package trainer learns an embedding on a class-disjoint split of a data set,
// with a pair loss within the batch and one against a memory of past batches.
//
// A step goes through these phases, in this order:
//
//  1. The memory starts, if it is time; a cure of drift moves its rows; drift is
//     looked at.
//  2. A batch is drawn: P classes × K images, or any images, or views of images.
//  3. The momentum encoder, if there is one, embeds the keys.
//  4. The network embeds the batch. Each term of the loss adds its gradient with
//     respect to the embeddings, and the memory stores the batch: after its term is
//     taken, or before, with [PML]. The gradient goes back through the network.
//  5. Numbers that are not finite end the training, or the batch is left out as if it
//     had not been.
//  6. The optimizer moves the weights and what the loss learns; the momentum encoder
//     follows.
//  7. What was seen is counted and told.
//
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
// Several processes may train together, each with a part of every batch, see [Comm].
//
// It trains anything that is an [Encoder] and knows no network. Not here: data
// (trainer/data), the memory (xbm), losses (xbm/loss), optimizers
// (trainer/optim), what carries numbers from process to process (trainer/ranks,
// trainer/mpi), the file that a state is kept in (trainer/checkpoint), metrics
// (eval), the files of a run (eval/record).
package trainer

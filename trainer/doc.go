// Package trainer trains an embedding network by deep metric learning. The classes of the data
// set are split: training, validation and test have no class in common. The loss has a term
// over the pairs within a batch, and a term over the pairs of the batch with a cross-batch
// memory, which holds the embeddings of past batches.
//
// A step goes through these phases, in this order:
//
//  1. The memory starts, if its first step has come. Drift compensation, if any, moves its
//     rows. Drift is measured, if a measurement is due.
//  2. A batch is drawn: P classes × K images, or any images, or views of images.
//  3. The momentum encoder, if there is one, embeds the batch: these embeddings are the keys.
//  4. The network embeds the batch. Each term of the loss adds its gradient with respect to
//     the embeddings. The batch joins the memory, after the memory's term or before it, see
//     [EnqueueFirst]. The gradient goes back through the network.
//  5. A number that is NaN or infinite ends the training. With Config.SkipBadBatches the
//     batch is left out instead, with no effect.
//  6. The optimizer updates the weights and the parameters of the loss. The momentum encoder
//     follows.
//  7. The metrics of the step are reported.
//
// The validation classes are scored every so many steps. The weights with the best score are
// kept. At the end they score the test classes, once.
//
// Without labels each image is a class of its own. Its positives are its other augmented
// views. Classes are then used for scoring alone. A momentum encoder, a second network that
// follows the trained one, may make the memory's rows.
//
// The whole state between two steps can be saved and restored, see [Training.Sections]. A
// training that was killed then continues bit for bit as if it had not been.
//
// Several processes may train together, each with a part of every batch, see [Comm].
//
// The trainer works with any [Encoder] and knows no network. Other packages have the data
// (trainer/data), the memory (xbm), losses (xbm/loss), optimizers (trainer/optim), the
// communication between processes (trainer/ranks, trainer/mpi), the format of a saved state
// (trainer/checkpoint), metrics (eval), and the files of a run (eval/record).
package trainer

package trainer

import (
	"fmt"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/augment"
	"crossbatch/trainer/optim"
	"crossbatch/trainer/setting"
)

// The headings of the settings' flags.
const (
	groupData     = "Data"
	groupNetwork  = "Network"
	groupMemory   = "Loss and memory"
	groupTraining = "Training"
	groupKeys     = "Without labels, keys, large batches"
)

// Settings returns all settings of c in the order of a configuration file. They are bound to
// the fields of c: to set one changes c. A new setting goes to the end, so that the files of
// runs that do not use it stay as they are.
func (c *Config) Settings() []setting.Setting {
	const training, watching = setting.Training, setting.Watching
	atLeast, oneOf := setting.AtLeast, setting.OneOf
	list := strings.Join
	return []setting.Setting{
		{Key: "data", Value: &c.Data.Set, Group: groupData, Always: true, Range: setting.Form("a data set that sets.Load knows"), Help: "data `SET`, listed above"},
		{Key: "split-seed", Value: &c.Data.SplitSeed, Group: groupData, Always: true, Unit: "seed", Range: setting.Any(), Help: "`SEED` of which classes are for training, validation and test"},
		{Key: "image-size", Value: &c.Data.ImageSize, Group: groupData, Unit: "pixels", Range: setting.Form("pixels: one number for a square, or HEIGHTxWIDTH"), Help: "size of photographs in `PIXELS` as the network sees them: one number for a square, or HEIGHTxWIDTH, as 128x64; 0: 64"},
		{Key: "skip-broken", Value: &c.Data.SkipBroken, Group: groupData, Range: setting.Any(), Help: "leave out photographs and fonts that are missing or cannot be read, and say how many"},
		{Key: "augment", Value: &c.Data.Augment, Group: groupData, Range: setting.Form("an augmentation that augment.Parse knows"), Help: "`KIND` of change to the images in training: " + list(augment.Kinds(), ", ") + ". auto, the default: photo for photographs, else none; photo: random crop and mirror image, by parameters colours and erasing (photo:scale=0.5..1,flip=false,brightness=0.2,erase=0.5); glyph: turned, scaled, sheared, shifted; views: those and colours, blur, holes, for learning without labels. data info --help lists all parameters"},
		{Key: "train-classes", Value: &c.Data.TrainClasses, Group: groupData, Unit: "classes", Range: atLeast(0), Help: "`NUMBER` of the training classes that are used, drawn by --split-seed; 0: all"},
		{Key: "label-noise", Value: &c.Data.LabelNoise, Group: groupData, Scope: training, Unit: "share", Range: setting.Between(0, 1), Help: "`SHARE` of the training images that get a wrong label, drawn by --split-seed"},

		{Key: "backbone", Value: &c.Network.Kind, Group: groupNetwork, Always: true, Range: setting.Form("a kind of network that the encoder's package knows"), Help: "network: "},
		{Key: "width", Value: &c.Network.Width, Group: groupNetwork, Always: true, Unit: "channels or units", Range: atLeast(0), Help: "filters a block (conv4), channels of the stem (resnet50 and other networks of photographs), hidden units (mlp), numbers a token (vit); 0: as published, which is the default but for conv4, mlp and resnets"},
		{Key: "dim", Value: &c.Network.Dim, Group: groupNetwork, Always: true, Unit: "numbers", Range: atLeast(1), Help: "numbers in an embedding"},
		{Key: "weights", Value: &c.Network.Weights, Group: groupNetwork, Range: setting.Form("a safetensors file"), Help: "safetensors `FILE` of the same network to start from, as torchvision names its tensors; the head may be missing or another"},
		{Key: "head-lr", Value: &c.Optimizer.HeadLR, Group: groupNetwork, Scope: training, Fitted: true, Unit: "factor", Range: atLeast(0), Help: "factor of the head's learning rate; 0: 1"},
		{Key: "dropout", Value: &c.Network.Dropout, Group: groupNetwork, Scope: training, Unit: "share", Range: setting.Under(0, 1), Help: "share, under 1, of the numbers entering the head that a training step drops"},
		{Key: "freeze", Value: &c.Network.Freeze, Group: groupNetwork, Scope: training, Range: oneOf("bn", "trunk"), Help: "`PART` that stays as it is: bn (batch normalisation, with its running statistics), trunk (all but the head)"},
		{Key: "max-pool", Value: &c.Network.MaxPool, Group: groupNetwork, Range: setting.Any(), Help: "at the end of a resnet take the largest of each channel, not the mean"},
		{Key: "layer-norm", Value: &c.Network.LayerNorm, Group: groupNetwork, Range: setting.Any(), Help: "layer normalisation of the embeddings"},
		{Key: "head", Value: &c.Network.Head, Group: groupKeys, Range: oneOf("linear", "mlp", "none"), Help: "`HEAD` from the network's features to the embedding: linear (the default), mlp (a hidden layer with a ReLU), none (the features themselves, as many as there are; xbm embed makes of them what --data features: reads)"},
		{Key: "head-width", Value: &c.Network.HeadWidth, Group: groupKeys, Unit: "units", Range: atLeast(0), Help: "hidden `UNITS` of the mlp head; 0: as many as there are features"},

		{Key: "labels", Value: &c.Data.Labels, Group: groupKeys, Scope: training, Range: oneOf(LabelsClasses, LabelsNone), Help: "`WHAT` training knows of the images: " + LabelsClasses + " (the default), or " + LabelsNone + ": each image's augmented views are its positives. With " + LabelsNone + ", other defaults: --augment views --loss nt-xent:temperature=0.07 --combine pml --start 0, and --batch 256 --steps 1000 --memory 0 (SimCLR), or with --encoder momentum --batch 64 --memory 2048 (MoCo; v2 is --loss nt-xent:temperature=0.2 --head mlp)"},
		{Key: "views", Value: &c.Batch.Views, Group: groupKeys, Scope: training, Unit: "views", Range: atLeast(0), Help: "augmented `VIEWS` of each image in a batch; 0: 1, without labels 2"},
		{Key: "encoder", Value: &c.Keys.Encoder, Group: groupKeys, Scope: training, Range: oneOf(EncoderPlain, EncoderMomentum), Help: "`ENCODER` of what the memory holds: " + EncoderPlain + " (embeddings by the network itself; the default), " + EncoderMomentum + " (keys by a second network whose weights follow its own)"},
		{Key: "key-momentum", Value: &c.Keys.Momentum, Group: groupKeys, Scope: training, Always: true, Unit: "share", Range: setting.Between(0, 1).Note("keys by the network itself"), Help: "`SHARE` of its weights that the momentum encoder keeps in a step; 0: keys by the network itself"},
		{Key: "key-momentum-schedule", Value: &c.Keys.Schedule, Group: groupKeys, Scope: training, Range: oneOf(KeyConstant, KeyCosine), Help: "`SHAPE` of the share over the steps: " + KeyConstant + " (the default), or " + KeyCosine + ": the share rises to 1"},
		{Key: "key-norm", Value: &c.Keys.Norm, Group: groupKeys, Scope: training, Range: oneOf(KeyNormBatch, KeyNormRunning), Help: "`STATISTICS` that batch normalisation normalises keys by: " + KeyNormBatch + " (their own batch's statistics; the default), " + KeyNormRunning + " (running statistics, which follow as the weights do)"},
		{Key: "chunk", Value: &c.Batch.Chunk, Group: groupKeys, Scope: training, Unit: "images", Range: atLeast(0), Help: "`IMAGES` of a batch that are in work at a time: a batch of any size in the room of a chunk, with the same gradient but for batch normalisation, whose statistics are then a chunk's; 0: all"},

		{Key: "loss", Value: &c.Loss.Spec, Group: groupMemory, Scope: training, Always: true, Range: setting.Form("a loss that loss.Parse knows"), Help: "`LOSS`, listed above with its parameters"},
		{Key: "miner", Value: &c.Loss.Miner, Group: groupMemory, Scope: training, Always: true, Range: setting.Form("a miner that miner.Mine knows"), Help: "`MINER` that chooses the pairs, listed above with its parameters"},
		{Key: "loss-lr", Value: &c.Loss.LR, Group: groupMemory, Scope: training, Fitted: true, Always: true, Unit: "rate", Range: atLeast(0), Help: "learning `RATE` of what the loss itself learns: class weights, margin's beta; 0: as --lr"},
		{Key: "memory", Value: &c.Memory.Size, Group: groupMemory, Scope: training, Always: true, Range: setting.Form("a number of rows, or a share of the training images"), Help: "`SIZE` of the memory: rows (2048), or a share of the training images (0.5, 100%); 0: none"},
		{Key: "combine", Value: &c.Memory.Combine, Group: groupMemory, Scope: training, Always: true, Range: oneOf(Both, Paper, PML), Help: "how batch and memory go together: " + Both + " (loss within the batch plus loss against the batches before), " + Paper + " (as the paper has it: the batch joins the memory first, and the two losses are sums over an anchor's pairs, averaged over the anchors), " + PML + " (one loss against a memory that holds the batch)"},
		{Key: "memory-weight", Value: &c.Memory.Weight, Group: groupMemory, Scope: training, Fitted: true, Always: true, Unit: "factor", Range: setting.Above(0).Note("for no memory: memory 0"), Help: "factor of the memory term's gradient"},
		{Key: "start", Value: &c.Memory.Start, Group: groupMemory, Scope: training, Fitted: true, Always: true, Unit: "steps", Range: setting.Form("a step from 0, or " + autoText), Help: "first `STEP`, from 0, at which the memory is used, or auto: when drift over the steps that fill it falls under --start-drift"},
		{Key: "ramp", Value: &c.Memory.Ramp, Group: groupMemory, Scope: training, Fitted: true, Always: true, Unit: "steps", Range: atLeast(0), Help: "`STEPS` from --start on over which the memory's weight rises evenly; 0: at once"},
		{Key: "half-memory", Value: &c.Memory.Half, Group: groupMemory, Scope: training, Always: true, Range: setting.Any(), Help: "keep the memory's rows in 16 bits a number, in half the room"},
		{Key: "keep-copies", Value: &c.Memory.KeepCopies, Group: groupMemory, Scope: training, Always: true, Range: setting.Any(), Help: "keep the pairs of an image with older embeddings of itself"},

		{Key: "batch", Value: &c.Batch.Size, Group: groupTraining, Scope: training, Always: true, Unit: "images", Range: atLeast(2), Help: "images a step"},
		{Key: "per-class", Value: &c.Batch.PerClass, Group: groupTraining, Scope: training, Always: true, Unit: "images", Range: atLeast(0), Help: "images of each class in a batch; 0: any images, as without labels"},
		{Key: "steps", Value: &c.Steps, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "steps", Range: atLeast(1), Help: "steps of the whole training"},
		{Key: "optimizer", Value: &c.Optimizer.Name, Group: groupTraining, Scope: training, Always: true, Range: oneOf(append(optim.Names(), "")...), Help: list(optim.Names(), ", ")},
		{Key: "lr", Value: &c.Optimizer.LR, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "rate", Range: setting.Above(0), Help: "learning `RATE`"},
		{Key: "schedule", Value: &c.Optimizer.Schedule, Group: groupTraining, Scope: training, Always: true, Range: oneOf(append(optim.Schedules(), "")...), Help: "shape of the learning rate over the steps: " + list(optim.Schedules(), ", ")},
		{Key: "warmup", Value: &c.Optimizer.Warmup, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "steps", Range: atLeast(0), Help: "`STEPS` over which the learning rate rises from near 0"},
		{Key: "weight-decay", Value: &c.Optimizer.WeightDecay, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "factor", Range: atLeast(0), Help: "factor of the weights that is added to their gradient; of adamw the share of them that a step of learning rate 1 takes off"},
		{Key: "momentum", Value: &c.Optimizer.Momentum, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "share", Range: setting.Under(0, 1), Help: "of rmsprop and sgd"},
		{Key: "validate-every", Value: &c.Watch.ValidateEvery, Group: groupTraining, Scope: training, Fitted: true, Always: true, Unit: "steps", Range: atLeast(1), Help: "`STEPS` between scores of the validation classes; the best weights are kept"},
		{Key: "inspect-every", Value: &c.Watch.InspectEvery, Group: groupTraining, Scope: watching, Always: true, Unit: "steps", Range: atLeast(0), Help: "`STEPS` between looks at the weights of all pairs, for weights.png; 0: none. A step that is looked at rounds otherwise: low digits of the weights differ"},
		{Key: "seed", Value: &c.Seed, Group: groupTraining, Always: true, Unit: "seed", Range: setting.Any(), Help: "`SEED` of the initial weights and the batches"},

		{Key: "policy", Value: &c.Memory.Policy, Group: groupMemory, Scope: training, Range: setting.Form("a policy that xbm.ParsePolicy knows"), Help: "`POLICY`, which rows the memory keeps: ring (the newest; default), keyed (one an image, the newest), class-balanced:N (the newest N of a class), reservoir (a uniform sample of all ever stored)"},
		{Key: "max-age", Value: &c.Memory.MaxAge, Group: groupMemory, Scope: training, Unit: "steps", Range: atLeast(0), Help: "`STEPS` after which a row of the memory is dropped; 0: never"},
		{Key: "age-tau", Value: &c.Memory.AgeTau, Group: groupMemory, Scope: training, Unit: "steps", Range: atLeast(0), Help: "`STEPS` after which a row of the memory weighs 1/e of a fresh one: the weights of its pairs are multiplied by e^(-age/tau); 0: all weigh alike"},
		{Key: "cure", Value: &c.Memory.Cure, Group: groupMemory, Scope: training, Range: setting.Form("a cure that xbm.ParseCure knows"), Help: "`CURE` of drift, listed above with its parameters"},
		{Key: "start-drift", Value: &c.Memory.StartDrift, Group: groupMemory, Scope: training, Unit: "squared distance", Range: atLeast(0), Help: fmt.Sprintf("mean squared change of unit embeddings, 0 to 4, under which --start auto starts the memory; 0: %g", DefaultStartDrift)},
		{Key: "prefill", Value: &c.Memory.Prefill, Group: groupMemory, Scope: training, Range: setting.Any(), Help: "fill the memory at its start with training images, embedded in evaluation mode by the network as it is then"},
		{Key: "drift-every", Value: &c.Watch.DriftEvery, Group: groupTraining, Scope: watching, Unit: "steps", Range: atLeast(0), Help: "`STEPS` between looks at drift: how far embeddings have moved, and what that does to the memory and its gradient; 0: none"},
		{Key: "skip-bad-batches", Value: &c.SkipBadBatches, Group: groupTraining, Scope: training, Changeable: true, Range: setting.Any(), Help: "leave out batches whose loss, gradients or embeddings are not finite, and count them; else they end the training. A run can be resumed with it"},
		{Key: "patience", Value: &c.Watch.Patience, Group: groupTraining, Scope: training, Unit: "validations", Range: atLeast(0), Help: "`VALIDATIONS` in a row without a better one after which training ends; 0: never"},
		{Key: "folds", Value: &c.Data.Folds, Group: groupData, Unit: "folds", Range: atLeast(0), Help: "`NUMBER` of folds of a cross-validation over classes, whose test is half of them; 0: none"},
		{Key: "fold", Value: &c.Data.Fold, Group: groupData, Unit: "fold", Range: atLeast(0), Help: "which `FOLD` of them validates, from 1"},
		{Key: "class-order", Value: &c.Data.ClassOrder, Group: groupData, Range: oneOf(ShuffledClasses, SortedClasses), Help: "`ORDER` that folds are cut from: " + ShuffledClasses + " by --split-seed (the default), or " + SortedClasses + " by label"},
		{Key: "resize", Value: &c.Data.Resize, Group: groupData, Range: oneOf(data.Resizes()...), Help: "`HOW` photographs of another shape are brought to --image-size: " + data.ResizeCrop + " (the middle part of that shape; the default), " + data.ResizeSqueeze + " (all of it, its proportions changed), " + data.ResizePad + " (all of it, between bars)"},
		{Key: "init", Value: &c.Network.Init, Group: groupNetwork, Range: oneOf(InitHe, InitTorch), Help: "`HOW` initial weights are drawn: " + InitHe + " (normal numbers of variance 2/inputs, biases 0; the default), " + InitTorch + " (weights and biases uniform within 1/√inputs, PyTorch's default: weights a sixth of that variance, with which a recipe for PyTorch has the same steps)"},
		{Key: "enqueue", Value: &c.Memory.Enqueue, Group: groupMemory, Scope: training, Range: oneOf(EnqueueFirst, EnqueueLast), Help: "`WHEN` the batch joins the memory: " + EnqueueFirst + " (before the loss against it is taken: with --combine " + Paper + " and " + PML + " the default), " + EnqueueLast + " (after: with --combine " + Both + " the default). An image is never paired with its own row"},
		{Key: "memory-loss", Value: &c.Loss.Memory, Group: groupMemory, Scope: training, Range: setting.Form("a loss of pairs that loss.Parse knows"), Help: "`LOSS` against the memory, where it is not --loss: another one, or other parameters, as in contrastive:reduction=sum"},
		{Key: "memory-positive-weight", Value: &c.Memory.Positive, Group: groupMemory, Scope: training, Range: setting.Form("0 or more"), Help: "`FACTOR` of the memory term's gradient through its positive pairs alone, 0 for none; default: 1"},
		{Key: "memory-negative-weight", Value: &c.Memory.Negative, Group: groupMemory, Scope: training, Range: setting.Form("0 or more"), Help: "the same through its negative pairs"},
		{Key: "sync-bn", Value: &c.Batch.SyncBN, Group: groupTraining, Scope: training, Range: setting.Any(), Help: "of several ranks (mpirun -n 4 xbm train): batch normalisation by the statistics of the whole batch, as one process has them; else each rank has those of its part. Makes no difference to one process"},
		{Key: "direction-every", Value: &c.Watch.DirectionEvery, Group: groupTraining, Scope: watching, Unit: "steps", Range: atLeast(0), Help: "`STEPS` between looks at where the gradient points: its cosine with the gradient against the whole training set, embedded anew, which takes as long as that; 0: none"},
		{Key: "device", Value: &c.Device, Group: groupTraining, Scope: training, Range: setting.Form("cpu, cuda or cuda:N: see xbm devices"), Help: "`DEVICE` that computes the network and the loss against the memory: cpu (the default), or in bin/xbm-cuda cuda or cuda:N, an NVIDIA card of xbm devices; :debug at its end waits for each kernel"},
		{Key: "precision", Value: &c.Precision, Group: groupTraining, Scope: training, Range: oneOf("tf32", "bf16", "fp32", ""), Help: "`PRECISION` of the device's products: tf32 (the default), bf16 (and rows in half the room), fp32. Sums are of float32 in all"},
		{Key: "decay", Value: &c.Optimizer.Decay, Group: groupTraining, Scope: training, Range: oneOf(DecayAll, DecayWeights), Help: "`WHAT` --weight-decay is for: " + DecayAll + " (the default), or " + DecayWeights + " (not biases, nor the scales and shifts of normalisation)"},
		{Key: "token-pool", Value: &c.Network.TokenPool, Group: groupNetwork, Range: oneOf("class", "patches", "both"), Help: "`TOKENS` that are the features of a vision transformer: class (the class token; the default), patches (the mean of all others), both (one after the other)"},
		{Key: "share-memory", Value: &c.Memory.Share, Group: groupMemory, Scope: training, Changeable: true, Range: setting.Any(), Help: "of several ranks (mpirun -n 4 xbm train): each keeps its part of the memory's rows and takes their part of the loss, for a memory larger than one machine's, and faster; else each has all rows. Differs by rounding alone, and makes no difference to one process. A run can be resumed with it or without"},
	}
}

// MarshalYAML writes the settings as the flat mapping of a configuration file. It
// implements yaml.Marshaler.
func (c Config) MarshalYAML() (any, error) {
	c = c.Explicit()
	return setting.File(c.Settings()), nil
}

// UnmarshalYAML sets what a configuration file has, by key, and leaves the rest as it
// is. A file of an older version means what it meant, see [Config.TakeIn]. Package yaml
// calls it.
func (c *Config) UnmarshalYAML(decode func(any) error) error {
	_, err := c.TakeIn(func() error { return setting.Read(c.Settings(), decode) })
	return err
}

// Untrained returns c without the settings that only training depends on. Runs with equal
// Untrained configurations have the same scores before training. A setting belongs to it
// unless its row has another scope.
func (c Config) Untrained() Config {
	for _, s := range c.Settings() {
		if s.Scope != setting.Everything {
			s.Clear()
		}
	}
	return c
}

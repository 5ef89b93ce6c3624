package main

import (
	"crossbatch/backbone"
	"crossbatch/trainer"
)

// keyOptions are the flags of learning without labels, of the momentum encoder and
// of batches that are too large to be in work at once.
func keyOptions(d trainer.Config) []option {
	const category = "Without labels, keys, large batches"
	return []option{
		text(category, "labels", d.Labels, "`WHAT` training knows of the images: "+trainer.LabelsClasses+" (the default), or "+trainer.LabelsNone+": each image's augmented views are its positives. With "+trainer.LabelsNone+", other defaults: --augment views --loss nt-xent:temperature=0.07 --combine pml --start 0, and --batch 256 --steps 1000 --memory 0 (SimCLR), or with --encoder momentum --batch 64 --memory 2048 (MoCo; v2 is --loss nt-xent:temperature=0.2 --head mlp)", func(s *settings) *string { return &s.Labels }),
		whole(category, "views", d.Views, "augmented `VIEWS` of each image in a batch; 0: 1, without labels 2", func(s *settings) *int { return &s.Views }),
		text(category, "encoder", d.Encoder, "`ENCODER` of what the memory holds: "+trainer.EncoderPlain+" (embeddings by the network itself; the default), "+trainer.EncoderMomentum+" (keys by a second network whose weights follow its own)", func(s *settings) *string { return &s.Encoder }),
		number(category, "key-momentum", d.KeyMomentum, "`SHARE` of its weights that the momentum encoder keeps in a step; 0: keys by the network itself", func(s *settings) *float64 { return &s.KeyMomentum }),
		text(category, "key-momentum-schedule", d.KeySchedule, "`SHAPE` of the share over the steps: "+trainer.KeyConstant+" (the default), or "+trainer.KeyCosine+": the share rises to 1", func(s *settings) *string { return &s.KeySchedule }),
		text(category, "key-norm", d.KeyNorm, "`STATISTICS` that batch normalisation normalises keys by: "+trainer.KeyNormBatch+" (their own batch's statistics; the default), "+trainer.KeyNormRunning+" (running statistics, which follow as the weights do)", func(s *settings) *string { return &s.KeyNorm }),
		text(category, "head", d.Head, "`HEAD` from the network's features to the embedding: "+backbone.HeadLinear+" (the default), "+backbone.HeadMLP+" (a hidden layer with a ReLU)", func(s *settings) *string { return &s.Head }),
		whole(category, "head-width", d.HeadWidth, "hidden `UNITS` of the mlp head; 0: as many as there are features", func(s *settings) *int { return &s.HeadWidth }),
		whole(category, "chunk", d.Chunk, "`IMAGES` of a batch that are in work at a time: a batch of any size in the room of a chunk, with the same gradient but for batch normalisation, whose statistics are then a chunk's; 0: all", func(s *settings) *int { return &s.Chunk }),
	}
}

// withoutLabels are the defaults d, but of what s says to train without labels.
func (s *settings) withoutLabels(d trainer.Config) trainer.Config {
	d.Encoder = s.Encoder
	return d.WithoutLabels()
}

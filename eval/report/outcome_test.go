package report

import (
	"strings"
	"testing"

	"crossbatch/eval"
	"crossbatch/eval/fewshot"
	"crossbatch/eval/record"
	"crossbatch/eval/verification"
)

// scoring is scores of one share for all.
func scoring(share float64, queries, skipped int) eval.Scores {
	return eval.Scores{Means: eval.Means{Recall: eval.Recall{{K: 1, Share: share}, {K: 2, Share: share}}, RPrecision: share, MAPAtR: share}, Queries: queries, Skipped: skipped}
}

func TestOutcomeText(t *testing.T) {
	test := scoring(0.75, 40, 2)
	low, high := scoring(0.7, 0, 0).Means, scoring(0.8, 0, 0).Means
	test.Bootstrap = &eval.Bootstrap{Resamples: 1000, Low: low, High: high}
	easy := 0.375
	o := record.Outcome{Steps: 100, Seconds: 12, ImagesPerSecond: 533, Waiting: 0.25, BestStep: 80, MemoryRows: 512, SkippedBatches: 3,
		Validation: eval.Evaluation{Scores: scoring(0.8, 20, 0)}, Test: eval.Evaluation{Scores: test, Dim: 8},
		Classifiers: &fewshot.Scores{Neighbors: 0.5, Centroid: 0.25, Linear: 1, EasyTL: &easy},
		Baseline:    &record.Outcome{Validation: eval.Evaluation{Scores: scoring(0.81, 20, 0)}, Test: eval.Evaluation{Scores: scoring(0.7502, 40, 2), Dim: 8}},
		Baselines:   []record.Baseline{{Name: record.RawPixels, Dim: 1024, Test: scoring(0.5, 40, 2), Notes: []string{"300 queries stand for all"}}},
	}
	want := `                        recall@1   recall@2   R-precision   MAP@R                       queries
validation, no memory       81.0       81.0          81.0    81.0                            20
validation, memory          80.0       80.0          80.0    80.0                            20
test, no memory             75.0       75.0          75.0    75.0   40 (2 alone in their class)
test, memory                75.0       75.0          75.0    75.0   40 (2 alone in their class)
gain of the memory          +0.0       +0.0          +0.0    +0.0

Of 1000 resamples of the test queries, 95 % have recall@1 from 70.0 to 80.0 and MAP@R from 70.0 to 80.0.

test classes         numbers   recall@1   R-precision   MAP@R   k-NN   nearest centroid   linear   EasyTL
raw pixels              1024       50.0          50.0    50.0      -                  -        -        -
trained, no memory         8       75.0          75.0    75.0      -                  -        -        -
trained, memory            8       75.0          75.0    75.0   50.0               25.0    100.0     37.5
The last four columns: the share that simple classifiers get right, which learnt from half of each test class; EasyTL sees all queries at once.
raw pixels: 300 queries stand for all

100 steps with a memory of 512 rows, 3 batches of them skipped as bad, in 12 s (25 % of it waiting for images), 533 images/s; best after 80 steps. Scores in percent, one seed.
`
	if got := OutcomeText(o); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	o.Baseline, o.Baselines, o.MemoryRows = nil, nil, 0
	if got := OutcomeText(o); strings.Contains(got, "gain") || strings.Contains(got, "raw pixels") || !strings.Contains(got, "100 steps with no memory") {
		t.Error(got)
	}
}

func TestEvaluationText(t *testing.T) {
	nmi, mean := 0.5, 0.6
	e := record.Evaluation{Run: "a", Data: "glyphs", Part: "train", Note: "which was trained on", Seed: 7, Distance: "cosine",
		Evaluation: eval.Evaluation{Scores: scoring(0.5, 9, 1), PrecisionAt1: 0.5, NMI: &nmi, AMI: &nmi, Classes: 4, Dim: 8, Diagnosis: &eval.Diagnosis{Margin: 0.25},
			LeftOut: []eval.LeftOut{{What: "MAP and MRR", Work: 3e12}, {What: "bounds", Why: "too few"}}},
		Draws:        &eval.Draws{Draws: 10, Gallery: 4, Queries: 6, Mean: eval.Means{Recall: eval.Recall{{K: 1, Share: 0.4}}, MAP: &mean}, Half: eval.Means{Recall: eval.Recall{{K: 1, Share: 0.1}}, MAP: &mean}},
		Verification: &record.Verification{Scores: verification.Scores{Positives: 3, Negatives: 5}},
	}
	got := EvaluationText(e, "ask for all")
	for _, want := range []string{
		"a, train of glyphs (which was trained on): 10 queries in 4 classes, 8 numbers an embedding\n1 queries are alone in their class and skipped\nNeighbours by cosine\n\n",
		"\nrecall@2          50.0\n", "\nAMI               50.0\n",
		"\n10 draws of a gallery of 4 rows, one a class, for 6 queries", "\nrecall@1   40.0   ± 10.0\nMAP        60.0   ± 60.0\n",
		"\nVerification: 3 pairs of one class, 5 of two, by euclidean distance\n", "\nstatistical margin          0.250   mean cosine",
		"\nLeft out: MAP and MRR: about 3e+12 products of numbers; ask for all\n", "\nLeft out: bounds: too few\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	e.AcrossCameras = true
	if got := EvaluationText(e, ""); !strings.Contains(got, "CMC@2") || !strings.Contains(got, "have no other image of their class by another camera") {
		t.Error(got)
	}
	e = record.Evaluation{Embeddings: "g.npy", QueryEmbeddings: "q.npy"}
	if got := EvaluationText(e, ""); !strings.HasPrefix(got, "q.npy among g.npy: 0 queries") {
		t.Error(got)
	}
}

func TestVerificationText(t *testing.T) {
	tar, threshold := 0.5, 1.25
	v := record.Verification{ThresholdFrom: "validation", TrainedOn: 4, Scores: verification.Scores{Distance: eval.Cosine, Positives: 3, Negatives: 5, AUC: 0.9,
		TAR: []verification.TAR{{FAR: 0.1, TAR: &tar, Threshold: &threshold}, {FAR: 0.01, TAR: &tar}, {FAR: 0.001}}, Given: &verification.Decision{Threshold: 0.75, Accuracy: 0.625}}}
	want := `3 pairs of one class, 5 of two, by cosine

4 of the images were trained on

                                             score   threshold
ROC AUC                                       90.0
average precision                              0.0
equal error rate                               0.0
TAR at FAR 0.1                                50.0        1.25
TAR at FAR 0.01                               50.0
TAR at FAR 0.001                                 -
balanced accuracy, best on these pairs         0.0           0
balanced accuracy, threshold of validation     0.0        0.75
  accuracy of it                              62.5
  TAR of it                                    0.0
  FAR of it                                    0.0
A FAR of 0.001 would take 1000 pairs of two classes to tell.
`
	if got := VerificationText(v); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

package run

import (
	"crossbatch/eval/record"
	"crossbatch/eval/report"
)

// looks are those at the weights of pairs that the metrics of the run in dir hold.
func looks(dir string) (list []report.Look, err error) {
	for line, err := range record.Metrics(dir) {
		if err != nil {
			return nil, err
		}
		if line.FromMemory != nil {
			list = append(list, report.Look{Step: line.Step, Batch: pairWeights(line.BatchWeights), Memory: pairWeights(line.MemoryWeights), FromMemory: *line.FromMemory})
		}
	}
	return list, nil
}

func pairWeights(w *record.Weights) *report.PairWeights {
	if w == nil {
		return nil
	}
	return &report.PairWeights{Positives: w.Positives, Negatives: w.Negatives, Ages: w.Ages, EffectiveNegatives: w.EffectiveNegatives}
}

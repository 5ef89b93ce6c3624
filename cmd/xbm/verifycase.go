package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"crossbatch/eval"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// wanted is what a case expects.
type wanted struct {
	Loss       float64            `json:"loss"`
	Grad       []float64          `json:"grad"`
	MemoryLen  int                `json:"memory_len"`
	NextSlot   int                `json:"next_slot"`
	Precision  float64            `json:"precision_at_1"`
	RPrecision float64            `json:"r_precision"`
	MAPAtR     float64            `json:"map_at_r"`
	MAP        float64            `json:"map"`
	Recall     map[string]float64 `json:"recall"`
	Skipped    int                `json:"skipped"`
	NMI        float64            `json:"nmi"`
	AMI        float64            `json:"ami"`
}

// refCase is a case's file.
type refCase struct {
	Kind       string          `json:"kind"`
	Loss       map[string]any  `json:"loss"`
	Miner      json.RawMessage `json:"miner"`
	Dim        int             `json:"dim"`
	Embeddings []float32       `json:"embeddings"`
	Labels     []int32         `json:"labels"`
	Query      json.RawMessage `json:"query"`
	Clusters   []int32         `json:"clusters"`
	Want       wanted          `json:"want"`
	Capacity   int             `json:"capacity"`
	Steps      []struct {
		Embeddings []float32 `json:"embeddings"`
		Labels     []int32   `json:"labels"`
		Want       wanted    `json:"want"`
	} `json:"steps"`
	FinalLabels []int32 `json:"final_memory_labels"`
}

func verifyFile(path string) (caseErrors, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return caseErrors{}, err
	}
	var r refCase
	if err := json.Unmarshal(content, &r); err != nil {
		return caseErrors{}, fmt.Errorf("the file is damaged: %w", err)
	}
	switch {
	case r.Kind == "metrics" && absent(r.Query):
		return r.metrics()
	case r.Kind == "clusters":
		return r.clusters()
	case (r.Kind == "loss" || r.Kind == "memory") && r.known() && absent(r.Miner):
		if r.Kind == "loss" {
			return r.inBatch()
		}
		return r.memory()
	}
	return caseErrors{}, errNotThere
}

func absent(field json.RawMessage) bool { return len(field) == 0 || string(field) == "null" }

// known reports whether this build has the case's loss.
func (r *refCase) known() bool {
	return slices.ContainsFunc(pair.Names(), func(known string) bool {
		name, _, _ := strings.Cut(known, ":")
		return name == r.Loss["name"]
	})
}

// loss is the case's loss, with its parameters as pair.Parse takes them.
func (r *refCase) loss() (pair.Loss, error) {
	var params []string
	for key, value := range r.Loss {
		if key != "name" {
			params = append(params, fmt.Sprintf("%s=%v", key, value))
		}
	}
	slices.Sort(params)
	return pair.Parse(fmt.Sprintf("%s:%s", r.Loss["name"], strings.Join(params, ",")))
}

func (r *refCase) inBatch() (e caseErrors, err error) {
	term := xbm.InBatch{}
	if term.Loss, err = r.loss(); err != nil {
		return e, err
	}
	grad := make([]float32, len(r.Embeddings))
	s, err := term.Add(grad, xbm.Batch{Embeddings: r.Embeddings, Labels: r.Labels})
	if err != nil {
		return e, err
	}
	e.number(s.Value, r.Want.Loss)
	return e, e.gradient(grad, r.Want.Grad)
}

func (r *refCase) memory() (e caseErrors, err error) {
	term := xbm.CrossBatch{}
	if term.Memory, err = xbm.NewMemory(r.Capacity, r.Dim); err != nil {
		return e, err
	}
	if term.Loss, err = r.loss(); err != nil {
		return e, err
	}
	for i, step := range r.Steps {
		grad := make([]float32, len(step.Embeddings))
		s, err := term.Add(grad, xbm.Batch{Embeddings: step.Embeddings, Labels: step.Labels, Step: int64(i)})
		if err != nil {
			return e, fmt.Errorf("step %d: %w", i, err)
		}
		e.number(s.Value, step.Want.Loss)
		if err := e.gradient(grad, step.Want.Grad); err != nil {
			return e, fmt.Errorf("step %d: %w", i, err)
		}
		if term.Memory.Len() != step.Want.MemoryLen || term.Memory.Next() != step.Want.NextSlot {
			return e, fmt.Errorf("step %d: %d rows and next slot %d, want %d and %d", i,
				term.Memory.Len(), term.Memory.Next(), step.Want.MemoryLen, step.Want.NextSlot)
		}
	}
	if !slices.Equal(term.Memory.Labels(), r.FinalLabels) {
		return e, fmt.Errorf("the memory ends with the labels %v, want %v", term.Memory.Labels(), r.FinalLabels)
	}
	return e, nil
}

// metrics checks the retrieval scores.
func (r *refCase) metrics() (e caseErrors, err error) {
	var ks []int
	for k := range r.Want.Recall {
		rank, err := strconv.Atoi(k)
		if err != nil {
			return e, fmt.Errorf("recall at %q is no rank", k)
		}
		ks = append(ks, rank)
	}
	s, err := eval.Score(r.Embeddings, r.Dim, r.Labels, append(ks, 1))
	if err != nil {
		return e, err
	}
	full, err := eval.MeanAveragePrecision(r.Embeddings, r.Dim, r.Labels)
	if err != nil {
		return e, err
	}
	for _, k := range ks {
		recall, _ := s.Recall.At(k)
		e.number(recall, r.Want.Recall[strconv.Itoa(k)])
	}
	first, _ := s.Recall.At(1)
	e.number(first, r.Want.Precision)
	e.number(s.RPrecision, r.Want.RPrecision)
	e.number(s.MAPAtR, r.Want.MAPAtR)
	e.number(full, r.Want.MAP)
	if s.Skipped != r.Want.Skipped {
		return e, fmt.Errorf("%d queries skipped, want %d", s.Skipped, r.Want.Skipped)
	}
	return e, nil
}

// clusters checks the agreement of a clustering with the labels.
func (r *refCase) clusters() (e caseErrors, err error) {
	nmi, ami, err := eval.Agreement(r.Labels, r.Clusters)
	if err != nil {
		return e, err
	}
	e.number(nmi, r.Want.NMI)
	e.number(ami, r.Want.AMI)
	return e, nil
}

package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"crossbatch/eval"
	"crossbatch/eval/record"
	"crossbatch/xbm"
	"crossbatch/xbm/pair"
)

// wanted is what a case expects.
type wanted struct {
	Loss       float64            `json:"loss"`
	Grad       []float64          `json:"grad"`
	WeightGrad []float64          `json:"weight_grad"`
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
	Miner      map[string]any  `json:"miner"`
	Weight     []float32       `json:"weight"`
	Shape      []int           `json:"weight_shape"`
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

	device xbm.Device
}

// CheckFile checks the case in a file.
func CheckFile(path string) (Errors, error) {
	content, err := record.ReadText(path)
	if err != nil {
		return Errors{}, err
	}
	return Check(content)
}

// ErrOther says that a case is of a kind that is not checked here: of scores across
// cameras, with several labels, or of verification, which the tests of eval check.
var ErrOther = errors.New("of a kind that is not checked here")

// Check checks the case that a file holds. An error says what of it cannot be checked,
// or is wrong beyond its numbers.
func Check(content []byte) (Errors, error) { return CheckOn(nil, content) }

// CheckOn is Check with losses against a memory by a device, where it takes them; nil: the
// processor.
func CheckOn(device xbm.Device, content []byte) (Errors, error) {
	var of struct {
		Kind string `json:"kind"`
	}
	if err := record.ParseJSON(content, &of); err == nil && slices.Contains([]string{"cameras", "several", "verification"}, of.Kind) {
		return Errors{}, fmt.Errorf("%w: %s", ErrOther, of.Kind)
	}
	r := refCase{device: device}
	if err := record.ParseJSON(content, &r); err != nil {
		return Errors{}, fmt.Errorf("the file is damaged: %w", err)
	}
	const mostNumbers = 1 << 22 // of a case's memory; real ones have some hundreds
	switch {
	case r.Dim < 0 || r.Capacity < 0 || r.Dim > mostNumbers || r.Capacity > mostNumbers || r.Capacity*r.Dim > mostNumbers:
		return Errors{}, fmt.Errorf("the file is damaged: a memory of %d rows of %d numbers", r.Capacity, r.Dim)
	case r.Kind == "metrics" && absent(r.Query):
		return r.metrics()
	case r.Kind == "clusters":
		return r.clusters()
	case r.Kind == "loss":
		return r.inBatch()
	case r.Kind == "memory":
		return r.memory()
	case r.Kind == "proxy":
		return r.classWeights()
	}
	return Errors{}, fmt.Errorf("there is no kind of case %q, or not with query rows", r.Kind)
}

func absent(field json.RawMessage) bool { return len(field) == 0 || string(field) == "null" }

// loss is the case's loss with its miner.
func (r *refCase) loss() (pair.Loss, error) {
	if r.Loss["name"] == "angular" {
		r.Loss["raw_negatives"] = true // as the references take it
	}
	return xbm.ParseLoss(spec(r.Loss), spec(r.Miner), rand.NewPCG(1, 1))
}

// spec is a method with its parameters as loss.Parse takes them.
func spec(method map[string]any) string {
	if method == nil {
		return ""
	}
	var params []string
	for key, value := range method {
		if key != "name" {
			params = append(params, fmt.Sprintf("%s=%v", key, value))
		}
	}
	slices.Sort(params)
	return fmt.Sprintf("%s:%s", method["name"], strings.Join(params, ","))
}

func (r *refCase) inBatch() (e Errors, err error) {
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

func (r *refCase) memory() (e Errors, err error) {
	term := xbm.CrossBatch{Device: r.device}
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

// classWeights checks a loss with class weights.
func (r *refCase) classWeights() (e Errors, err error) {
	loss, err := r.loss()
	if err != nil {
		return e, err
	}
	classLoss, ok := loss.(pair.ClassLoss)
	if !ok {
		return e, fmt.Errorf("%v is no loss with class weights", r.Loss["name"])
	}
	if r.Dim < 1 || len(r.Shape) != 2 || r.Shape[0] < 1 || r.Shape[1] < 1 || r.Shape[0]*r.Shape[1] != len(r.Weight) || len(r.Want.WeightGrad) != len(r.Weight) {
		return e, fmt.Errorf("%d weights and %d in their gradient for the shape %v", len(r.Weight), len(r.Want.WeightGrad), r.Shape)
	}
	// Some references have a class a column.
	weight, want := r.Weight, r.Want.WeightGrad
	if r.Shape[0] == r.Dim && r.columnsAreClasses() {
		weight, want = transposed(weight, r.Shape[1]), transposed(want, r.Shape[1])
	}
	term := xbm.ClassWeights{Loss: classLoss, Weights: weight, Grad: make([]float32, len(weight))}
	for i := range len(weight) / r.Dim {
		term.Classes = append(term.Classes, int32(i/classLoss.PerClass()))
	}
	grad := make([]float32, len(r.Embeddings))
	s, err := term.Add(grad, xbm.Batch{Embeddings: r.Embeddings, Labels: r.Labels})
	if err != nil {
		return e, err
	}
	e.number(s.Value, r.Want.Loss)
	if err := e.gradient(grad, r.Want.Grad); err != nil {
		return e, err
	}
	return e, e.gradient(term.Grad, want)
}

// columnsAreClasses says which way the case's weights lie.
func (r *refCase) columnsAreClasses() bool {
	return r.Loss["name"] != "proxy-nca" && r.Loss["name"] != "proxy-anchor"
}

// transposed turns a matrix with so many columns.
func transposed[T any](m []T, columns int) []T {
	t := make([]T, 0, len(m))
	for c := range columns {
		for i := c; i < len(m); i += columns {
			t = append(t, m[i])
		}
	}
	return t
}

// metrics checks the retrieval scores.
func (r *refCase) metrics() (e Errors, err error) {
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
func (r *refCase) clusters() (e Errors, err error) {
	nmi, ami, err := eval.Agreement(r.Labels, r.Clusters)
	if err != nil {
		return e, err
	}
	e.number(nmi, r.Want.NMI)
	e.number(ami, r.Want.AMI)
	return e, nil
}

package bench

import (
	"errors"
	"strings"
	"testing"

	"crossbatch/trainer/setting"
)

func TestLossesAreTheMainOnesOrTheOneGiven(t *testing.T) {
	m := Memory{Miner: "none", Batch: 4, PerClass: 2, Dim: 3, Rows: 8, Classes: 2}
	var names []string
	told := func(b Measurement) error { names = append(names, b.Name); return nil }
	if err := m.Losses(0, told); err != nil || len(names) != len(mainLosses()) {
		t.Errorf("measured %v (%v)", names, err)
	}
	m.Loss, names = "nt-xent", nil
	if err := m.Losses(0, told); err != nil || len(names) != 1 || names[0] != "nt-xent" {
		t.Errorf("measured %v (%v)", names, err)
	}
}

func TestSettingsAreComplete(t *testing.T) {
	m, n, s := DefaultMemory(), DefaultNet(), DefaultNeighbors()
	for _, list := range [][]setting.Setting{m.Settings(), n.Settings(), s.Settings()} {
		if err := errors.Join(append(setting.Incomplete(list), setting.Validate(list))...); err != nil {
			t.Error(err)
		}
	}
}

func TestEachIsMeasuredAndHandedOver(t *testing.T) {
	var got []string
	told := func(b Measurement) error { got = append(got, b.Name+" "+b.Shape); return nil }
	if err := Products([]Shape{{2, 3, 4}, {5, 6, 7}}, 0, told); err != nil {
		t.Fatal(err)
	}
	if err := (Neighbors{Rows: 9, Dim: 2, K: []int{1, 8}}).Measure(0, told); err != nil {
		t.Fatal(err)
	}
	if all := strings.Join(got, ", "); all != "gemm 2×3×4, gemm 5×6×7, nearest 1 9×2, nearest 8 9×2" {
		t.Error(all)
	}
	full := errors.New("the disk is full")
	if err := Products([]Shape{{1, 1, 1}}, 0, func(Measurement) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
}

func TestWhatCannotBeMeasuredIsRefused(t *testing.T) {
	m, n := DefaultMemory(), DefaultNet()
	m.Rows, n.Batch = 0, 0
	for want, err := range map[string]error{
		"memory is 0: give 1 or more":              m.Losses(0, nil),
		"memory is 0":                              m.Policies(0, nil),
		"batch is 0: give 1 or more":               n.Measure(0, nil),
		"rows is 1: give 2 or more":                Neighbors{Rows: 1, Dim: 1, K: []int{1}}.Measure(0, nil),
		"3 neighbours among 2 others: give 0 to 2": Neighbors{Rows: 3, Dim: 1, K: []int{3}}.Measure(0, nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q", err, want)
		}
	}
}

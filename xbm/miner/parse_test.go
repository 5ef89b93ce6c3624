package miner

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"crossbatch/xbm/pair"
)

func TestParse(t *testing.T) {
	source := rand.NewPCG(1, 2)
	for _, c := range []struct {
		text        string
		isEuclidean bool // the loss
		want        pair.Miner
	}{
		{"multi-similarity", true, &MultiSimilarity{Epsilon: 0.1}},
		{"multi-similarity:distance=euclidean", false, &MultiSimilarity{Euclidean: true, Epsilon: 0.1}},
		{"batch-hard", false, &EasyHard{}},
		{"easy-hard", false, &EasyHard{Pos: Easy, Neg: Semihard}},
		{"easy-hard:pos=all,neg=hard", false, &EasyHard{Pos: All, Neg: Hard}},
		{"triplet-hard", true, &Triplet{Kind: HardTriplets, Margin: 0.2, Euclidean: true}},
		{"triplet-easy:distance=cosine", true, &Triplet{Kind: EasyTriplets, Margin: 0.2}},
		{"triplet-semihard:margin=0.3", false, &Triplet{Kind: SemihardTriplets, Margin: 0.3}},
		{"pair-margin", false, &Margin{Euclidean: true, PosMargin: 0.2, NegMargin: 0.8}},
		{"pair-margin:distance=cosine,pos_margin=-1", true, &Margin{PosMargin: -1, NegMargin: 0.8}},
		{"distance-weighted", false, &DistanceWeighted{Cutoff: 0.5, FarCutoff: 1.4, Source: source}},
	} {
		got, err := Parse(c.text, c.isEuclidean, source)
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v; want %+v", c.text, got, err, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"distance-weighted":                         "it draws at random and needs a source",
		"easy-hard:neg=soft":                        "give one of hard, semihard, easy, all",
		"pair-margin:pos_margin=-0.1":               "pos_margin is -0.1: give a value from 0 to 2",
		"pair-margin:distance=cosine,neg_margin=-2": "neg_margin is -2: give a value from -1 to 1",
	} {
		if _, err := Parse(text, false, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const semihard = "semihard goes with hard or easy on the other side"
	for _, c := range []struct {
		miner interface{ Validate() error }
		want  string // "": valid
	}{
		{&EasyHard{}, ""},
		{&EasyHard{Pos: All, Neg: All}, ""},
		{&EasyHard{Pos: Easy, Neg: Easy}, ""},
		{&EasyHard{Pos: Semihard, Neg: Hard}, ""},
		{&EasyHard{Pos: Easy, Neg: Semihard}, ""},
		{&EasyHard{Pos: Semihard, Neg: Semihard}, semihard},
		{&EasyHard{Pos: Semihard, Neg: All}, semihard},
		{&EasyHard{Pos: All, Neg: Semihard}, semihard},
		{&EasyHard{Pos: Hard - 1}, "-1 is no strategy"},
		{&EasyHard{Neg: All + 1}, "4 is no strategy"},
		{&Triplet{Kind: AllTriplets}, ""},
		{&Triplet{Kind: EasyTriplets, Margin: 2}, ""},
		{&Triplet{Kind: AllTriplets - 1}, "-1 is no kind of triplets"},
		{&Triplet{Kind: EasyTriplets + 1}, "4 is no kind of triplets"},
		{&Triplet{Margin: -0.1}, "margin is -0.1"},
	} {
		err := c.miner.Validate()
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.miner, err, c.want)
		}
	}
}

func TestStrategyNames(t *testing.T) {
	for s, want := range map[Strategy]string{Hard: "hard", Semihard: "semihard", Easy: "easy", All: "all", Hard - 1: "strategy -1", All + 1: "strategy 4"} {
		if got := s.String(); got != want {
			t.Errorf("%d is %q, want %q", int(s), got, want)
		}
	}
}

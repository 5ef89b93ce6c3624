package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

type side string

func (s *side) String() string { return string(*s) }

func (s *side) UnmarshalText(text []byte) error {
	if *s = side(text); *s != "left" && *s != "right" {
		return errors.New("give one of left, right")
	}
	return nil
}

type thing struct {
	name   string
	weight float64
	count  int
	loud   bool
	side   side
}

func (t *thing) Validate() error {
	if t.loud && t.count > 8 {
		return errors.New(`toy "drum": too many to be loud`)
	}
	return nil
}

func toys() Table[*thing] {
	return Table[*thing]{"toy", []Entry[*thing]{
		{Name: "drum", New: func(string) (*thing, []Field) {
			t := &thing{name: "drum", weight: 0.5, count: 2, side: "left"}
			return t, []Field{{"weight", &t.weight, Above(0)}, {"count", &t.count, From(1, 9)}, {"loud", &t.loud, nil}, {"side", &t.side, nil}}
		}},
		{Name: "ball", Variants: []string{"cosine", "euclidean"}, Bare: "count", New: func(variant string) (*thing, []Field) {
			t := &thing{name: "ball of " + variant, count: len(variant)}
			return t, []Field{{"count", &t.count, AtLeast(1)}, {"weight", &t.weight, Between(-1, 90)}}
		}},
		{Name: "nothing", New: func(string) (*thing, []Field) { return &thing{}, nil }},
	}}
}

func TestParse(t *testing.T) {
	for text, want := range map[string]thing{
		"drum":                              {"drum", 0.5, 2, false, "left"},
		"drum:":                             {"drum", 0.5, 2, false, "left"},
		"drum:weight=3,count=4.0,loud=true": {"drum", 3, 4, true, "left"},
		"drum:count=1":                      {"drum", 0.5, 1, false, "left"},
		"drum:side=right":                   {"drum", 0.5, 2, false, "right"},
		"ball":                              {"ball of cosine", 0, 6, false, ""},
		"ball:12":                           {"ball of cosine", 0, 12, false, ""},
		"ball:weight=1,distance=euclidean":  {"ball of euclidean", 1, 9, false, ""},
		"ball:distance=euclidean,count=3,":  {"ball of euclidean", 0, 3, false, ""},
	} {
		if got, err := toys().Parse(text); err != nil || *got != want {
			t.Errorf("%s: %+v, %v: want %+v", text, got, err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                       `toy "": there is no such toy: known are drum, ball, nothing`,
		"kite:x=1":               `toy "kite:x=1": there is no such toy: known are drum, ball, nothing`,
		"nothing:x=1":            `toy "nothing:x=1": there is no parameter x: it has none`,
		"drum:x=1":               `toy "drum:x=1": there is no parameter x: known are weight, count, loud, side`,
		"drum:distance=cosine":   `toy "drum:distance=cosine": there is no parameter distance: known are weight, count, loud, side`,
		"ball:x=1":               `toy "ball:x=1": there is no parameter x: known are distance, count, weight`,
		"ball:distance=taxi":     `toy "ball:distance=taxi": distance is "taxi": give one of cosine, euclidean`,
		"ball:3,count=4":         `toy "ball:3,count=4": parameter count is given twice`,
		"drum:3":                 `toy "drum:3": "3" is no parameter: write name=value`,
		"drum:weight=":           `toy "drum:weight=": "weight=" is no parameter: write name=value`,
		"drum:weight=much":       `toy "drum:weight=much": weight is "much": give a number`,
		"drum:weight=0":          `toy "drum:weight=0": weight is 0: give a value above 0`,
		"drum:weight=Inf":        `toy "drum:weight=Inf": weight is +Inf: give a value above 0`,
		"drum:weight=NaN":        `toy "drum:weight=NaN": weight is NaN: give a value above 0`,
		"drum:count=2.5":         `toy "drum:count=2.5": count is "2.5": give a whole number`,
		"drum:count=10":          `toy "drum:count=10": count is 10: give a value from 1 to 9`,
		"ball:0":                 `toy "ball:0": count is 0: give a value of 1 or more`,
		"ball:weight=90":         `toy "ball:weight=90": weight is 90: give a value above -1 and under 90`,
		"drum:loud=maybe":        `toy "drum:loud=maybe": loud is "maybe": give true or false`,
		"drum:side=up":           `toy "drum:side=up": side is "up": give one of left, right`,
		"drum:loud=true,count=9": `toy "drum": too many to be loud`,
	} {
		got, err := toys().Parse(text)
		if err == nil || err.Error() != want || got != nil {
			t.Errorf("%q: %v, %v\nwant %s", text, got, err, want)
		}
	}
}

// What is listed can be read, and reads as what is listed.
func TestNames(t *testing.T) {
	want := []string{
		"drum:weight=0.5,count=2,loud=false,side=left",
		"ball:distance=cosine,count=6,weight=0", "ball:distance=euclidean,count=9,weight=0", "nothing",
	}
	if got := toys().Names(); !slices.Equal(got, want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	for _, text := range want {
		if _, err := toys().Parse(text); err != nil {
			t.Error(err)
		}
	}
}

func TestCheck(t *testing.T) {
	x, n := 0.0, 3
	fields := []Field{{"n", &n, From(1, 3)}, {"x", &x, Above(0)}}
	if err := Check("toy", "top", fields); err == nil || !strings.Contains(err.Error(), `toy "top": x is 0: give a value above 0`) {
		t.Error(err)
	}
	x = 1
	if err := Check("toy", "top", fields); err != nil {
		t.Error(err)
	}
}

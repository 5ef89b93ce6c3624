package verification

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestReadPairs(t *testing.T) {
	named := Rows{Names: []string{"a/1.png", "a/2.png", "b/1.png", "Ann/Ann_0001.jpg", "Ann/Ann_0004.jpg", "Bo/Bo_0012.jpg"}}
	numbered := Rows{Number: 12}
	for _, test := range []struct {
		name, text string
		rows       Rows
		want       []Pair
		judged     bool
	}{
		{"commas", "0,1,1\n2,3,0\n", numbered, []Pair{{0, 1, true}, {2, 3, false}}, true},
		{"rows 0 and 1 alone: the last column says", "0,1,1\n1,0,0\n", numbered, []Pair{{0, 1, true}, {1, 0, false}}, true},
		{"VoxCeleb's order", "1 a/1.png a/2.png\n0 a/1.png b/1.png", named, []Pair{{0, 1, true}, {0, 2, false}}, true},
		{"title, BOM, CRLF, semicolons", "\ufefffirst;second;same\r\na/1.png;a/2.png;true\r\na/1.png;b/1.png;False\r\n", named, []Pair{{0, 1, true}, {0, 2, false}}, true},
		{"tabs, comments, empty lines", "# mine\n\n 4\t5\t0\n", numbered, []Pair{{4, 5, false}}, true},
		{"words", "1,2,yes\n2,3,no\n", numbered, []Pair{{1, 2, true}, {2, 3, false}}, true},
		{"no verdicts", "1,11\n2,10\n", numbered, []Pair{{1, 11, false}, {2, 10, false}}, false},
		{"backslashes, without endings", `a\1,./b/1`, named, []Pair{{0, 2, false}}, false},
		{"quotes", `"a/1.png","b/1.png",0`, named, []Pair{{0, 2, false}}, true},
		{"Labeled Faces in the Wild", "1\t1\nAnn\t1\t4\nAnn\t1\tBo\t12\n", named, []Pair{{3, 4, true}, {3, 5, false}}, true},
	} {
		got, judged, err := ReadPairs(strings.NewReader(test.text), test.rows)
		if err != nil || !slices.Equal(got, test.want) || judged != test.judged {
			t.Errorf("%s: %v %v: %v", test.name, got, judged, err)
		}
	}
}

func TestBadPairsAreRefused(t *testing.T) {
	for want, text := range map[string]string{
		"there are none":                                "\n# nothing\n",
		"line 1 has 1 columns":                          "5\n",
		"line 2 has 2 columns and those before it 3":    "1,2,0\n1,2\n",
		"line 2: there is no row 12":                    "1,2,0\n1,12,0\n",
		`line 2: "3" is paired with itself`:             "1,2,0\n3,3,1\n",
		"line 1: there is no row -1":                    "-1,2,0\n",
		`line 2: "x" is no number of a row`:             "1,2,0\nx,2,0\n",
		"line 2: neither its first column nor its last": "1,2,0\n4,2,3\n",
		`line 1: "a/1.png" is no number`:                "a/1.png,2,1\n",
	} {
		if _, _, err := ReadPairs(strings.NewReader(text), Rows{Number: 12}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, _, err := ReadPairs(strings.NewReader("a.png,b.png,1"), Rows{Names: []string{"a.png"}}); err == nil || !strings.Contains(err.Error(), `line 1: there is no image "b.png"`) {
		t.Error(err)
	}
}

// Whatever the text, reading does not panic; what it reads are rows that there are, and
// written again they read the same.
func FuzzReadPairs(f *testing.F) {
	f.Add("0,1,1\n2,3,0\n", false)
	f.Add("1 a b\n", true)
	f.Add("2\nAnn 1 2\nAnn 1 Bo 2\n", true)
	f.Fuzz(func(t *testing.T, text string, named bool) {
		rows := Rows{Number: 4}
		if named {
			rows = Rows{Names: []string{"a", "b.png", "Ann/Ann_0001.jpg", "Ann/Ann_0002"}}
		}
		pairs, judged, err := ReadPairs(strings.NewReader(text), rows)
		if err != nil {
			return
		}
		var again strings.Builder
		for _, p := range pairs {
			if p.A < 0 || p.A > 3 || p.B < 0 || p.B > 3 || p.Same && !judged {
				t.Fatalf("%+v", p)
			}
			verdict := 0
			if p.Same {
				verdict = 1
			}
			fmt.Fprintf(&again, "%d,%d,%d\n", p.A, p.B, verdict)
		}
		back, _, err := ReadPairs(strings.NewReader(again.String()), Rows{Number: 4})
		if err != nil || !slices.Equal(back, pairs) {
			t.Errorf("%v, then %v: %v", pairs, back, err)
		}
	})
}

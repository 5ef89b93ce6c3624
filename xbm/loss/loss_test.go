package loss

import (
	"os"
	"slices"
	"strings"
	"testing"

	"crossbatch/xbm/miner"
)

func TestParse(t *testing.T) {
	for _, name := range slices.Concat(Names(), ClassNames()) {
		if _, err := Parse(name); err != nil {
			t.Errorf("a listed name is refused: %v", err)
		}
	}
	l, err := Parse("contrastive:distance=euclidean,neg_margin=0.8")
	if err != nil {
		t.Fatal(err)
	}
	if c := l.(*Contrastive); !c.Euclidean || c.PosMargin != 0 || c.NegMargin != 0.8 {
		t.Errorf("%+v", c)
	}
	for spec, want := range map[string]string{
		"":                                               "known are contrastive",
		"multi-similarity:alpha=0":                       "alpha is 0: give a value above 0",
		"multi-similarity:beta=-1":                       "beta is -1: give a value above 0",
		"multi-similarity:base=2":                        "give a value from -1 to 1",
		"nt-xent:temperature=0":                          "temperature is 0: give a value above 0",
		"nt-xent:temperature=Inf":                        "give a value above 0",
		"supcon:temperature=-0.1":                        "temperature is -0.1: give a value above 0",
		"supcon:t=1":                                     "known are temperature",
		"margin:beta=3":                                  "beta is 3: give a value from 0 to 2",
		"margin:margin=-1":                               "margin is -1: give a value from 0 to 2",
		"tuplet-margin:margin_degrees=91":                "give a value from 0 to 90",
		"tuplet-margin:scale=0":                          "scale is 0: give a value above 0",
		"intra-pair-variance:pos_eps=2":                  "give a value from 0 to 1",
		"intra-pair-variance:neg_eps=-1":                 "give a value from 0 to 1",
		"nca:softmax_scale=0":                            "softmax_scale is 0: give a value above 0",
		"generalized-lifted:neg_margin=3":                "give a value from 0 to 2",
		"generalized-lifted:pos_margin=-1":               "give a value from 0 to 2",
		"triplet:margin=3":                               "margin is 3: give a value from 0 to 2",
		"triplet:swap=maybe":                             "swap is \"maybe\": give true or false",
		"circle:m=2":                                     "m is 2: give a value from 0 to 1",
		"circle:gamma=0":                                 "gamma is 0: give a value above 0",
		"lifted:neg_margin=3":                            "give a value from 0 to 2",
		"lifted:pos_margin=-1":                           "give a value from 0 to 2",
		"snr-contrastive:neg_margin=5":                   "neg_margin is 5: give a value from 0 to 4",
		"angular:alpha_degrees=90":                       "alpha_degrees is 90: give a value above 0 and under 90",
		"n-pairs:temperature=1":                          "there is no parameter temperature: known are reduction",
		"fast-ap:bins=0":                                 "bins is 0: give a value from 1 to 1000",
		"histogram:bins=2.5":                             "bins is \"2.5\": give a whole number",
		"smooth-ap:temperature=0":                        "temperature is 0: give a value above 0",
		"margin:nu=NaN":                                  "nu is NaN: give a value from -10 to 10",
		"normalized-softmax:temperature=0":               "temperature is 0: give a value above 0",
		"cosface:margin=-1":                              "margin is -1: give a value from 0 to 2",
		"cosface:scale=0":                                "scale is 0: give a value above 0",
		"arcface:margin_degrees=91":                      "margin_degrees is 91: give a value from 0 to 90",
		"soft-triple:centers=0":                          "centers is 0: give a value from 1 to 1000",
		"soft-triple:gamma=0":                            "gamma is 0: give a value from 0.005 to 10",
		"soft-triple:la=0":                               "la is 0: give a value above 0",
		"soft-triple:margin=3":                           "margin is 3: give a value from 0 to 2",
		"proxy-anchor:alpha=0":                           "alpha is 0: give a value above 0",
		"proxy-anchor:margin=3":                          "margin is 3: give a value from 0 to 2",
		"proxy-nca:softmax_scale=0":                      "softmax_scale is 0: give a value above 0",
		"tripel":                                         "known are contrastive",
		"contrastive:margin=1":                           "known are distance, pos_margin, neg_margin",
		"contrastive:distance=l1":                        "give one of cosine, euclidean",
		"contrastive:neg_margin=big":                     "give a number",
		"contrastive:neg_margin=NaN":                     "give a value from -1 to 1",
		"contrastive:neg_margin=1.5":                     "give a value from -1 to 1",
		"contrastive:neg_margin":                         "write name=value",
		"contrastive:neg_margin=0,pos_margin=":           "write name=value",
		"contrastive:neg_margin=0,neg_margin=1":          "given twice",
		"contrastive:distance=euclidean,pos_margin=-0.1": "give a value from 0 to 2",
	} {
		_, err := Parse(spec)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v: want %q", spec, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: more than a line: %v", spec, err)
		}
	}
}

// The tables of README.md name what there is, with the parameters and defaults that
// there are.
func TestReadmeHasTheLossesAndMiners(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]string{
		"| `--loss` |":  slices.Concat(Names(), ClassNames()),
		"| `--miner` |": miner.Names(),
	}
	for head, known := range tables {
		_, table, ok := strings.Cut(string(text), head)
		if !ok {
			t.Fatalf("README.md has no table that begins with %s", head)
		}
		table, _, _ = strings.Cut(table, "\n\n")
		rows := map[string]string{}
		for line := range strings.Lines(table) {
			if name, rest, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "`"); ok && strings.HasPrefix(line, "| `") {
				rows[name] = rest
			}
		}
		for _, entry := range known {
			name, parameters, _ := strings.Cut(entry, ":")
			row, ok := rows[name]
			if !ok {
				t.Errorf("README.md has no row for %s", entry)
			} else if parameters != "" && !strings.Contains(row, "`"+parameters+"`") {
				t.Errorf("README.md: the row of %s has not `%s`: %s", name, parameters, row)
			}
		}
		for name := range rows {
			if !slices.ContainsFunc(known, func(entry string) bool { return entry == name || strings.HasPrefix(entry, name+":") }) {
				t.Errorf("README.md has a row for %s, which is not known", name)
			}
		}
	}
}

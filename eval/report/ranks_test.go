package report

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"testing"

	"crossbatch/eval"
)

func TestRanks(t *testing.T) {
	r := Ranks{Friedman: eval.Friedman{Ranks: []float64{2.75, 1.25, 2}, P: 0.0123, Critical: 1}, Names: []string{"a", "b", "c"}, Of: "MAP@R", Blocks: "4 reproductions"}
	if got, want := fmt.Sprint(r.Lines()[1:]), "[[1. b 1.25 2] [2. c 2.00 1, 3] [3. a 2.75 2]]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if c := r.Caption(); !strings.Contains(c, "MAP@R within 4 reproductions") || !strings.Contains(c, "p = 0.012") || !strings.Contains(c, "1.00 apart") {
		t.Error(c)
	}
	var b bytes.Buffer
	if err := r.SVG(&b); err != nil {
		t.Fatal(err)
	}
	d := xml.NewDecoder(&b)
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

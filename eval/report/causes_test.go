package report

import (
	"strings"
	"testing"
)

// Causes stand beside their effects, from the first look on that has a memory; without
// one there is the batch's gradient alone.
func TestCauses(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	made, figures, err := collect(t, root).causes()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, row := range made.Rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{"100 %|25 %|0.90|0.40|0.70", "|–|–|–|–|0.50"} {
		if strings.Count(text, want) != 2 {
			t.Errorf("want twice %q:\n%s", want, text)
		}
	}
	if len(figures) != 2 {
		t.Errorf("%d figures, want one a batch size", len(figures))
	}
	other := t.TempDir()
	fakeStudy(t, other)
	p, err := collect(t, other).Page("")
	if err != nil {
		t.Fatal(err)
	}
	var page strings.Builder
	if err := p.HTML(&page); err != nil || !strings.Contains(page.String(), "Causes beside effects") {
		t.Errorf("the page has no causes: %v", err)
	}
}

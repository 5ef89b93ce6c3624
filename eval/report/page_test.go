package report

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"image/png"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func html(t *testing.T, p *Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.HTML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func newPage(t *testing.T, dirs ...string) *Page {
	t.Helper()
	p, err := collect(t, dirs...).Page("")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPageHasAllParts(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	p := newPage(t, root)
	text := html(t, p)
	if text != html(t, newPage(t, root)) {
		t.Error("the same runs make another page")
	}
	for _, want := range []string{
		"Accuracy by memory and batch on glyphs", "8 runs: 2 values of memory × 2 values of batch, 2 seeds each",
		"Validation prefers memory 100%, batch 64",
		"<td>55.0 ± 63.5</td>", "<td>&#43;11.0 ± 12.7</td>", "a processor", "data:image/png;base64,",
		"for s in 1 2; do xbm train --batch 16 --memory 0 --baseline=false --seed $s; done", "prefers-color-scheme:dark", "@media print",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	for _, id := range []string{"memory", "batch", "map", "scores", "differences", "cost", "drift", "weights", "retrievals", "again"} {
		if strings.Count(text, fmt.Sprintf("<section id=%q", id)) != 1 || !strings.Contains(text, fmt.Sprintf("href=\"#%s\"", id)) {
			t.Errorf("the part %s is not there, or no link to it", id)
		}
	}
	names := []string{}
	for _, f := range p.Figures() {
		names = append(names, f.Name)
	}
	want := []string{
		"recall-at-1-by-memory", "map-at-r-by-memory", "recall-at-1-by-batch", "map-at-r-by-batch", "recall-at-1-map", "map-at-r-map",
		"recall-at-1-gain-of-memory", "map-at-r-gain-of-memory", "gain-by-seconds", "gain-by-mib",
		"direction-batch-16", "direction-batch-64", "drift-batch-16", "gradient-error-batch-16", "drift-batch-64", "gradient-error-batch-64", "memory-error",
		"weights-by-similarity-batch-16", "weights-by-age-batch-16", "weights-by-similarity-batch-64", "weights-by-age-batch-64",
		"effective-negatives", "gradient-from-memory",
	}
	if !slices.Equal(names, want) {
		t.Errorf("figures %v, want %v", names, want)
	}
}

// A page asks for nothing from anywhere: no address but the name of SVG's
// language, no script, no file.
func TestAPageIsByItself(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	text := strings.ReplaceAll(html(t, newPage(t, root)), "http://www.w3.org/2000/svg", "")
	for _, banned := range []string{"http:", "https:", "<script", "<link rel=\"stylesheet", "@import", "url("} {
		if strings.Contains(text, banned) {
			t.Errorf("the page has %s", banned)
		}
	}
	for _, m := range regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "data:") {
			t.Errorf("the page refers to %s", m[1])
		}
	}
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		if ids[m[1]]++; ids[m[1]] > 1 {
			t.Errorf("the id %s is there twice", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`aria-labelledby="([^"]*)"`).FindAllStringSubmatch(text, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[id] != 1 {
				t.Errorf("the label %s is not there", id)
			}
		}
	}
}

// Other axes than memory and batch have panels, lists and comparisons.
func TestOtherAxes(t *testing.T) {
	root := t.TempDir()
	for i, loss := range []string{"contrastive", "triplet:margin=0.1"} {
		for k, noise := range []float64{0, 0.1, 0.2} {
			for seed := range 2 {
				for m, memory := range []string{"0", "64"} {
					c := plain()
					c.Loss, c.Noise, c.Memory, c.Seed = loss, noise, memory, seed
					fake(t, filepath.Join(root, fmt.Sprint(i, k, seed, m)), c, 64*m, 0.5+float64(i)/10-noise+float64(seed+m)/100)
				}
			}
		}
	}
	p := newPage(t, root)
	text := html(t, p)
	for _, want := range []string{
		"recall@1 by memory size, loss triplet:margin=0.1", "label-noise 0.1", "recall@1 by label-noise, loss contrastive",
		"recall@1 of every setting", "recall@1 gained over loss contrastive", "recall@1 gained over label-noise 0",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
	if strings.Contains(text, `id="map"`) || strings.Contains(text, `id="batch"`) {
		t.Error("one batch size has a map or curves")
	}
	var b bytes.Buffer
	if err := p.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if want := "| 64 | 0.2 | triplet:margin=0.1 | 2 | 41.5 ± 6.4 |"; !strings.Contains(b.String(), want) {
		t.Errorf("the table has no %q:\n%s", want, b.String())
	}
}

func TestOneRunIsAReportToo(t *testing.T) {
	root := t.TempDir()
	fake(t, root, plain(), 0, 0.5)
	text := html(t, newPage(t, root))
	for _, want := range []string{"One setting on glyphs", "1 run, 1 seed each", "There is one seed", "<td>50.0</td>"} {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q", want)
		}
	}
}

func TestFigureFiles(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	for _, f := range newPage(t, root).Figures() {
		var svg, picture bytes.Buffer
		if err := errors.Join(f.SVG(&svg), f.PNG(&picture)); err != nil {
			t.Fatal(err)
		}
		for d := xml.NewDecoder(&svg); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
		size, err := png.DecodeConfig(&picture)
		if err != nil {
			t.Fatal(err)
		}
		if w, _ := f.Size(); size.Width != int(2*w) {
			t.Errorf("%s: %d pixels wide of %v units", f.Name, size.Width, w)
		}
		if f.Title == "" || len(f.Desc) < len(f.Title)+10 {
			t.Errorf("%s: title %q, in words %q", f.Name, f.Title, f.Desc)
		}
	}
}

func TestCSVHasALineForEveryRun(t *testing.T) {
	root := t.TempDir()
	fakeStudy(t, root)
	var b bytes.Buffer
	if err := collect(t, root).CSV(&b); err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(lines) != 9 {
		t.Fatalf("%d lines (%v)", len(lines), err)
	}
	want := strings.Split("run,memory,batch,seed,split-seed,memory_rows,steps,best_step,test_recall@1,test_recall@2,test_r_precision,test_map@r,"+
		"validation_recall@1,validation_recall@2,validation_r_precision,validation_map@r,false_pairs,seconds,total_seconds,images_per_second,peak_memory_bytes", ",")
	if !slices.Equal(lines[0], want) {
		t.Errorf("%v, want %v", lines[0], want)
	}
	if got := lines[4][1:12]; !slices.Equal(got, []string{"100%", "16", "2", "", "1510", "4000", "0", "0.72", "0.72", "0.36", "0.18"}) {
		t.Errorf("%v", got)
	}
}

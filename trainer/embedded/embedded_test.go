package embedded

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crossbatch/eval/verification"
	"crossbatch/trainer/data/datatest"
	"crossbatch/trainer/setting"
)

// folder has embeddings of four rows, with what people say of rows.
func folder(t *testing.T) func(name string) string {
	t.Helper()
	root := datatest.Tree(t, map[string][]byte{
		"x.npy":     datatest.NPY(t, "<f4", "False", []float32{0, 1, 3, 5}, 4, 1),
		"wide.npy":  datatest.NPY(t, "<f4", "False", []float32{0, 1, 3, 5}, 2, 2),
		"ids.csv":   []byte("row,image,class,part,camera,file\n0,0,7,query,c2,a/1.png\n1,1,7,query,c1,a/2.png\n2,2,-1,,c1,b/1.png\n3,3,8,,-1,b/2.png\n"),
		"semi.csv":  []byte("\xef\xbb\xbfclass;camera\r\n7;2\r\n7;1\r\n-1;1\r\n8;-1\r\n"),
		"short.csv": []byte("class\n7\n8\n"),
		"q.csv":     []byte("class,camera\n7,c1\n7,c1\n8,c1\n-1,c1\n"),
		"tags.csv":  []byte("row,labels\n0,a b\n1,b\n2,\"c,a\"\n3,c|d;e\n"),
		"hot.npy":   datatest.NPY(t, "<i4", "False", []int32{1, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 0}, 4, 3),
		"pairs.csv": []byte("a/1.png,a/2.png,1\nb/1,a/1.png,0\n"),
		"bare.csv":  []byte("a/1.png,a/2.png\nb/1.png,b/2.png\n"),
	})
	return func(name string) string { return filepath.Join(root, name) }
}

func TestRetrievalOfFiles(t *testing.T) {
	at := folder(t)
	for _, labels := range []string{"ids.csv", "semi.csv"} {
		r, err := Files{Embeddings: at("x.npy"), Labels: at(labels), Cameras: at(labels)}.Retrieval()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(r.QueryLabels, []int32{0, 0, 1, 2}) || !slices.Equal(r.QueryCameras, []int32{0, 1, 1, -1}) || !slices.Equal(r.Junk, []bool{false, false, true, false}) {
			t.Errorf("%s: %v, cameras %v, junk %v", labels, r.QueryLabels, r.QueryCameras, r.Junk)
		}
		if matches, err := r.Relevant(); err != nil || !slices.Equal(matches, []int{1, 1, 0, 0}) {
			t.Errorf("%s: %v: %v", labels, matches, err)
		}
	}
	for labels, want := range map[string][][]int32{
		"tags.csv": {{0, 1}, {1}, {2, 0}, {2, 3, 4}},
		"hot.npy":  {{0, 1}, {1}, {0, 2}, nil},
	} {
		r, err := Files{Embeddings: at("x.npy"), Labels: at(labels), SeveralLabels: true}.Retrieval()
		if err != nil || len(r.QuerySets) != 4 || !reflect.DeepEqual(r.QuerySets[:3], want[:3]) || !slices.Equal(r.QuerySets[3], want[3]) {
			t.Errorf("%s: %v, want %v: %v", labels, r.QuerySets, want, err)
		}
	}
}

func TestSettingsAreComplete(t *testing.T) {
	var f Files
	list := f.Settings()
	for _, err := range setting.Incomplete(list) {
		t.Error(err)
	}
	for _, s := range list {
		text := "true"
		if s.Key != "multi-label" {
			text = "of " + s.Key
		}
		if err := s.Set(text); err != nil {
			t.Error(err)
		}
	}
	if want := (Files{"of embeddings", "of labels", "of query", "of query-labels", "of cameras", "of query-cameras", true}); f != want {
		t.Errorf("%+v", f)
	}
}

func TestPairsOfFiles(t *testing.T) {
	at := folder(t)
	for list, want := range map[string][]verification.Pair{
		"pairs.csv": {{A: 0, B: 1, Same: true}, {A: 2, B: 0}},
		"bare.csv":  {{A: 0, B: 1, Same: true}, {A: 2, B: 3}},
	} {
		task, err := Files{Embeddings: at("x.npy"), Labels: at("ids.csv")}.Pairs(at(list))
		if err != nil || !slices.Equal(task.Pairs, want) || task.Dim != 1 {
			t.Errorf("%s: %v, want %v: %v", list, task.Pairs, want, err)
		}
	}
}

func TestBadFilesAreRefused(t *testing.T) {
	at := folder(t)
	x, ids := at("x.npy"), at("ids.csv")
	for want, f := range map[string]Files{
		"x.npy has no labels: give them by --labels":                 {Embeddings: x},
		"x.npy has 4 rows and":                                       {Embeddings: x, Labels: at("short.csv")},
		"--query-labels goes with --query":                           {Embeddings: x, Labels: ids, QueryLabels: ids},
		"--cameras goes with one label a row":                        {Embeddings: x, Labels: ids, Cameras: ids, SeveralLabels: true},
		"--cameras goes with --query-cameras":                        {Embeddings: x, Labels: ids, Cameras: ids, Query: x, QueryLabels: ids},
		"q.csv has queries of class -1, unknown":                     {Embeddings: x, Labels: ids, Cameras: ids, Query: x, QueryLabels: at("q.csv"), QueryCameras: at("q.csv")},
		"has rows of 1 numbers and":                                  {Embeddings: x, Labels: ids, Query: at("wide.npy"), QueryLabels: at("short.csv")},
		"short.csv 2 cameras: give one for each":                     {Embeddings: x, Labels: ids, Cameras: at("short.csv")},
		"hot.npy: an array of shape [4 3]: want one label a row":     {Embeddings: x, Labels: at("hot.npy")},
		"x.npy: row 2 has 3 for class 0: want 1 where it has the cl": {Embeddings: x, Labels: x, SeveralLabels: true},
	} {
		if _, err := f.Retrieval(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	if _, err := (Files{Embeddings: x}).Pairs(at("bare.csv")); err == nil || !strings.Contains(err.Error(), "does not say which pairs are right") {
		t.Error(err)
	}
	if _, err := (Files{Embeddings: x, Query: x}).Pairs(at("bare.csv")); err == nil || !strings.Contains(err.Error(), "is not for pairs") {
		t.Error(err)
	}
}

// Arbitrary bytes as a file of label sets are read or refused.
func FuzzReadSets(f *testing.F) {
	for _, text := range []string{"a\nb\n", "file,labels\nx.jpg,red;blue\n", "\xef\xbb\xbfa;b\r\n", "\x93NUMPY\x01\x00", "0,1\n1,0\n"} {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte, array bool) {
		path := filepath.Join(dir, "sets.csv")
		if array {
			path = filepath.Join(dir, "sets.npy")
		}
		if err := os.WriteFile(path, raw, 0o644); err != nil {
			t.Fatal(err)
		}
		sets, err := ReadSets(path)
		if err != nil && sets != nil {
			t.Error("rows beside an error")
		}
	})
}

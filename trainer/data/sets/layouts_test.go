package sets

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

func TestLayouts(t *testing.T) {
	for _, c := range copies(t) {
		t.Run(c.spec, func(t *testing.T) {
			root := datatest.Tree(t, c.files)
			set, err := Load(c.spec+":"+root, Options{Size: data.Size{Height: 12, Width: 12}, Margin: true})
			if err != nil {
				t.Fatal(err)
			}
			if set.Len() != c.images || set.Classes() != c.classes || !slices.Equal(set.Ranks, c.ranks) || set.Channels != 3 || set.Height != 12 || set.Margin != 1 {
				t.Errorf("%d images of %d classes, ranks %v, %d×%d×%d + %d", set.Len(), set.Classes(), set.Ranks, set.Channels, set.Height, set.Width, set.Margin)
			}
			if len(set.Pixels) != set.Len()*3*14*14 || len(set.Files) != set.Len() {
				t.Errorf("%d pixels, %d files", len(set.Pixels), len(set.Files))
			}
			for _, n := range datatest.ClassSizes(set) {
				if n != 2 {
					t.Errorf("classes of %v images", datatest.ClassSizes(set))
				}
			}
			switch official := set.Official; {
			case c.train == 0:
				if official != nil {
					t.Error("there is an official split")
				}
			case official == nil:
				t.Error("there is no official split")
			case len(official.Train) != c.train || len(official.Test) != c.images-c.train || len(official.Query) != c.query || len(official.Gallery) != c.gallery:
				t.Errorf("the official split has %d, %d, %d, %d images", len(official.Train), len(official.Test), len(official.Query), len(official.Gallery))
			}
			// Numbers are in the order of their values.
			if c.spec == "sop" && !slices.Equal(set.ClassNames, []string{"1", "2", "3", "10"}) {
				t.Errorf("classes %v", set.ClassNames)
			}
		})
	}
}

// A wrong line, an image that is missing and one that is cut short each give an error that
// names the file and the line of the list, and by choice the image is left out and counted.
func TestLayoutsName(t *testing.T) {
	for _, c := range copies(t) {
		load := func(files map[string][]byte, skip bool) (*data.Set, string, error) {
			root := datatest.Tree(t, files)
			set, err := Load(c.spec+":"+root, Options{Size: data.Size{Height: 8, Width: 8}, SkipBroken: skip})
			return set, root, err
		}
		if c.list != "" {
			files := maps.Clone(c.files)
			lines := strings.Split(string(files[c.list]), "\n")
			at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, c.line) })
			lines[at] = c.wrong
			files[c.list] = []byte(strings.Join(lines, "\n"))
			for _, skip := range []bool{false, true} { // no image is broken, the list is
				_, root, err := load(files, skip)
				datatest.Message(t, c.spec, err, fmt.Sprintf("%s, line %d: ", filepath.Join(root, c.list), at+1), c.problem)
			}
			delete(files, c.list)
			if c.spec != "folder" {
				_, _, err := load(files, false)
				datatest.Message(t, c.spec, err, path.Base(c.list))
			}
		}
		name := c.imageName()
		for what, content := range map[string][]byte{"no such file or directory": nil, "damaged or cut short": c.files[name][:len(c.files[name])-60]} {
			files := maps.Clone(c.files)
			if files[name] = content; content == nil {
				delete(files, name)
				if c.spec == "folder" { // then it is not listed
					continue
				}
			}
			_, root, err := load(files, false)
			datatest.Message(t, c.spec, err, "image "+filepath.Join(root, name), what)
			switch c.spec {
			case "folder":
			case "cars":
				datatest.Message(t, c.spec, err, "cars_annos.mat, annotation ")
			default:
				datatest.Message(t, c.spec, err, ", line ")
			}
			set, _, err := load(files, true)
			if err != nil {
				t.Errorf("%s, %s: %v", c.spec, what, err)
				continue
			}
			if set.Len() != c.images-1 || len(set.Broken) != 1 || !strings.Contains(set.Broken[0], filepath.FromSlash(name)) {
				t.Errorf("%s, %s: %d images, broken %v", c.spec, what, set.Len(), set.Broken)
			}
			// What is left are the pixels of their own files.
			whole, _, err := load(c.files, false)
			if err != nil {
				t.Fatal(err)
			}
			got, want := make([]float32, 3*64), make([]float32, 3*64)
			for i, file := range set.Files {
				set.Batch(got, []int{i})
				k := slices.Index(whole.Files, file)
				whole.Batch(want, []int{k})
				if !slices.Equal(got, want) || set.ClassNames[set.Labels[i]] != whole.ClassNames[whole.Labels[k]] {
					t.Errorf("%s: image %s is not its own after one was left out", c.spec, file)
				}
			}
			if o := set.Official; o != nil && len(o.Train)+len(o.Test) != set.Len() {
				t.Errorf("%s: the official split has %d + %d of %d images", c.spec, len(o.Train), len(o.Test), set.Len())
			}
		}
	}
}

// No class can be in training and in test, whatever a list says.
func TestListsWithACommonClassAreRefused(t *testing.T) {
	for spec, change := range map[string][3]string{
		"sop":             {"Ebay_test.txt", "7 10 2", "7 1 2"},
		"inshop":          {"Eval/list_eval_partition.txt", "id_4  query", "id_1  query"},
		"vehicleid-small": {"train_test_split/test_list_800.txt", "0000007 10", "0000007 8"},
		"folder":          {"split.txt", "plum test", "plum test\nplum train"},
	} {
		all := copies(t)
		c := all[slices.IndexFunc(all, func(c copyOf) bool { return c.spec == spec })]
		c.files[change[0]] = bytes.Replace(c.files[change[0]], []byte(change[1]), []byte(change[2]), 1)
		_, err := Load(spec+":"+datatest.Tree(t, c.files), Options{})
		if spec == "folder" {
			datatest.Message(t, spec, err, "line 5", `class "plum" is there twice`)
			continue
		}
		datatest.Message(t, spec, err, "is in the training part and in the test", "line ")
	}
}

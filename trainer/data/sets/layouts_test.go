package sets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

// copyOf is a tiny copy of a data set in its published layout.
type copyOf struct {
	spec                  string
	files                 map[string][]byte
	images, classes       int
	train, query, gallery int // images of the official split; train 0: none
	ranks                 []int

	list, line string // a list, and how one of its lines begins
	wrong      string // what may not stand there
	problem    string // part of the message about it
}

func copies(t testing.TB) []copyOf {
	t.Helper()
	list := func(lines ...string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	all := []copyOf{
		{
			spec: "sop", images: 8, classes: 4, train: 4, ranks: []int{1, 10, 100, 1000},
			list: "Ebay_test.txt", line: "6 ", wrong: "6 3 1", problem: "want image_id class_id super_class_id path",
			files: map[string][]byte{
				"Ebay_train.txt": list("image_id class_id super_class_id path", "1 1 1 bicycle_final/1_0.JPG", "2 1 1 bicycle_final/1_1.JPG", "3 2 1 bicycle_final/2_0.JPG", "4 2 1 bicycle_final/2_1.JPG"),
				"Ebay_test.txt":  list("image_id class_id super_class_id path", "5 3 2 chair_final/3_0.JPG", "6 3 2 chair_final/3_1.JPG", "7 10 2 chair_final/10_0.JPG", "8 10 2 chair_final/10_1.JPG"),
			},
		},
		{
			spec: "inshop", images: 8, classes: 4, train: 4, query: 2, gallery: 2, ranks: []int{1, 10, 20, 30, 40, 50},
			list: "Eval/list_eval_partition.txt", line: "img/WOMEN/d/1", wrong: "img/WOMEN/d/1.jpg id_4 probe", problem: `status "probe": want train, query or gallery`,
			files: map[string][]byte{
				"Eval/list_eval_partition.txt": list("8", "image_name item_id evaluation_status",
					"img/WOMEN/a/1.jpg  id_1  train", "img/WOMEN/a/2.jpg  id_1  train", "img/WOMEN/b/1.jpg  id_2  train", "img/WOMEN/b/2.jpg  id_2  train",
					"img/WOMEN/c/1.jpg  id_3  query", "img/WOMEN/c/2.jpg  id_3  gallery", "img/WOMEN/d/1.jpg  id_4  query", "img/WOMEN/d/2.jpg  id_4  gallery"),
			},
		},
		{
			spec: "cub", images: 8, classes: 4, train: 4,
			list: "images.txt", line: "7 ", wrong: "9 200.b/1.jpg", problem: "image 9 has no class in image_class_labels.txt",
			files: map[string][]byte{
				"images.txt":             list("1 001.a/1.jpg", "2 001.a/2.jpg", "3 100.b/1.jpg", "4 100.b/2.jpg", "5 101.c/1.jpg", "6 101.c/2.jpg", "7 200.d/1.jpg", "8 200.d/2.jpg"),
				"image_class_labels.txt": list("1 1", "2 1", "3 100", "4 100", "5 101", "6 101", "7 200", "8 200"),
			},
		},
		{
			spec: "cars", images: 6, classes: 3, train: 4,
			files: map[string][]byte{
				"cars_annos.mat": datatest.Matlab{Compress: true}.Structs("annotations", []string{"relative_im_path", "bbox_x1", "class", "test"}, [][]any{
					{"car_ims/1.jpg", 3.0, 1.0, 0.0}, {"car_ims/2.jpg", 3.0, 1.0, 1.0}, {"car_ims/3.jpg", 3.0, 98.0, 0.0},
					{"car_ims/4.jpg", 300.0, 98.0, 0.0}, {"car_ims/5.jpg", 3.0, 99.0, 0.0}, {"car_ims/6.jpg", 3.0, 99.0, 1.0}}),
			},
		},
		{
			spec: "grocery", images: 6, classes: 3,
			list: "val.txt", line: "val/Fruit/Apple/Gala", wrong: "val/Fruit/Apple/Gala/2.jpg, one, 0", problem: `class "one": want a number`,
			files: map[string][]byte{
				"train.txt": list("train/Fruit/Apple/Gala/1.jpg, 0, 0", "train/Vegetables/Leek/1.jpg, 1, 1", "train/Packages/Milk/Oat-Milk/1.jpg, 2, 2"),
				"val.txt":   list("val/Vegetables/Leek/2.jpg, 1, 1", "val/Fruit/Apple/Gala/2.jpg, 0, 0"),
				"test.txt":  list("test/Packages/Milk/Oat-Milk/2.jpg, 2, 2"),
			},
		},
		{
			spec: "folder", images: 8, classes: 4, train: 4, query: 2, gallery: 2,
			list: "split.txt", line: "pear", wrong: "pear tree", problem: "want a class and train, val or test",
			files: map[string][]byte{
				"split.txt":   list("apple train", "red fig train", "pear test", "plum test"),
				"apple/1.jpg": nil, "apple/x/y/2.jpg": nil, "red fig/1.jpg": nil, "red fig/2.jpg": nil,
				"pear/query/1.jpg": nil, "pear/gallery/1.jpg": nil, "plum/query/a.jpg": nil, "plum/gallery/b.jpg": nil,
			},
		},
	}
	for _, size := range []string{"small", "medium", "large"} { // in this order, for the fuzzer
		name := "train_test_split/test_list_" + vehicleTests[size] + ".txt"
		all = append(all, copyOf{
			spec: "vehicleid-" + size, images: 8, classes: 4, train: 4, ranks: []int{1, 5, 10},
			list: name, line: "0000006", wrong: "0000006 x", problem: `class "x": want a number`,
			files: map[string][]byte{
				"train_test_split/train_list.txt": list("0000001 7", "0000002 7", "0000003 8", "0000004 8"),
				name:                              list("0000005 9", "0000006 9", "0000007 10", "0000008.jpg 10"),
			},
		})
	}
	for i := range all {
		all[i].draw(t)
	}
	return all
}

// draw adds the images that the lists name.
func (c *copyOf) draw(t testing.TB) {
	t.Helper()
	var names []string
	switch {
	case strings.HasPrefix(c.spec, "vehicleid"):
		for n := range c.images {
			names = append(names, fmt.Sprintf("image/%07d.jpg", n+1))
		}
	case c.spec == "cars":
		for n := range c.images {
			names = append(names, fmt.Sprintf("car_ims/%d.jpg", n+1))
		}
	default:
		for name, content := range c.files {
			if content == nil {
				names = append(names, name)
				continue
			}
			for _, word := range strings.FieldsFunc(string(content), func(r rune) bool { return r == '\n' || r == ' ' || r == ',' }) {
				if !isImage(word) {
					continue
				}
				switch c.spec {
				case "cub":
					word = "images/" + word
				case "inshop":
					word = "Img/" + word
				}
				names = append(names, word)
			}
		}
	}
	slices.Sort(names)
	if len(names) != c.images {
		t.Fatalf("%s: %d images to draw, want %d", c.spec, len(names), c.images)
	}
	for n, name := range names {
		c.files[name] = datatest.JPEG(t, n)
	}
}

// imageName is one of the images, the same always.
func (c *copyOf) imageName() string {
	names := slices.Sorted(maps.Keys(c.files))
	return names[slices.IndexFunc(names, isImage)]
}

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

// An archive, also one that was packed with its folder, is the same set as its folder.
func TestArchives(t *testing.T) {
	for _, c := range copies(t) {
		for _, top := range []string{"", "The_Dataset/"} {
			root := t.TempDir()
			var zipped, tarred bytes.Buffer
			z, r := zip.NewWriter(&zipped), tar.NewWriter(&tarred)
			packed := map[string][]byte{}
			for _, name := range slices.Sorted(maps.Keys(c.files)) {
				content := c.files[name]
				packed[top+name] = content
				w, err := z.Create(top + name)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := w.Write(content); err != nil {
					t.Fatal(err)
				}
				if err := r.WriteHeader(&tar.Header{Name: "./" + top + name, Typeflag: tar.TypeReg, Size: int64(len(content)), Mode: 0o644}); err != nil {
					t.Fatal(err)
				}
				if _, err := r.Write(content); err != nil {
					t.Fatal(err)
				}
			}
			if err := z.Close(); err != nil {
				t.Fatal(err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			want, err := Load(c.spec+":"+datatest.Tree(t, packed), Options{Size: data.Size{Height: 8, Width: 8}})
			if err != nil {
				t.Fatal(err)
			}
			for name, content := range map[string][]byte{"set.zip": zipped.Bytes(), "set.TAR": tarred.Bytes()} {
				file := filepath.Join(root, name)
				if err := os.WriteFile(file, content, 0o644); err != nil {
					t.Fatal(err)
				}
				got, err := Load(c.spec+":"+file, Options{Size: data.Size{Height: 8, Width: 8}})
				if err != nil {
					t.Errorf("%s in %s: %v", c.spec, name, err)
					continue
				}
				got.Name = want.Name
				if !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %s is not the same set as the folder", c.spec, name)
				}
				for _, cut := range []int{len(content) / 2, len(content) - 1024, 512 * (len(content) / 1024)} { // the second before a tar's end
					if err := os.WriteFile(file, content[:max(cut, 0)], 0o644); err != nil {
						t.Fatal(err)
					}
					_, err = Load(c.spec+":"+file, Options{Size: data.Size{Height: 8, Width: 8}})
					datatest.Message(t, c.spec+" cut short", err, name, "cut short")
				}
			}
		}
	}
}

// Sets in layouts that they are also found in are the same sets.
func TestOtherLayouts(t *testing.T) {
	all := copies(t)
	files := func(spec string) map[string][]byte {
		return maps.Clone(all[slices.IndexFunc(all, func(c copyOf) bool { return c.spec == spec })].files)
	}
	check := func(what, spec string, files map[string][]byte, train, test int) {
		t.Helper()
		set, err := Load(spec+":"+datatest.Tree(t, files), Options{})
		if err != nil {
			t.Errorf("%s: %v", what, err)
			return
		}
		if set.Len() != train+test || len(set.Official.Train) != train {
			t.Errorf("%s: %d images, %d train, want %d", what, set.Len(), len(set.Official.Train), train)
		}
	}
	// In-Shop: list and images where the archives leave them.
	for what, rename := range map[string]func(string) string{
		"images at the top":        func(name string) string { return strings.TrimPrefix(name, "Img/") },
		"list at the top":          func(name string) string { return strings.TrimPrefix(name, "Eval/") },
		"in Anno":                  func(name string) string { return strings.Replace(name, "Eval/", "Anno/", 1) },
		"of full size":             func(name string) string { return strings.Replace(name, "Img/img/", "Img/img_highres/", 1) },
		"of full size, at the top": func(name string) string { return strings.Replace(name, "Img/img/", "img_highres/", 1) },
		"packed":                   func(name string) string { return "In-shop Clothes Retrieval Benchmark/" + name },
	} {
		renamed := map[string][]byte{}
		for name, content := range files("inshop") {
			renamed[rename(name)] = content
		}
		check("inshop "+what, "inshop", renamed, 4, 4)
	}
	inshop := files("inshop")
	inshop["Eval/list_eval_partition.txt"] = append([]byte("\ufeff"), bytes.ReplaceAll(inshop["Eval/list_eval_partition.txt"], []byte("\n"), []byte("\r\n"))...)
	check("inshop by Windows", "inshop", inshop, 4, 4)

	// Cars196: the devkit, where it was unpacked, and Kaggle's folders in folders.
	annotations := func(rows ...[]any) []byte {
		return datatest.Matlab{Compress: true}.Structs("annotations", []string{"bbox_x1", "class", "fname"}, rows)
	}
	train := annotations([]any{3.0, 1.0, "00001.jpg"}, []any{3.0, 98.0, "00002.jpg"}, []any{3.0, 99.0, "00003.jpg"})
	test := annotations([]any{3.0, 1.0, "00001.jpg"}, []any{3.0, 196.0, "00002.jpg"})
	p := datatest.JPEG(t, 1)
	for what, place := range map[string][3]string{ // of annotations, training images, test images
		"devkit": {"devkit/", "cars_train/", "cars_test/"}, "at the top": {"", "cars_train/", "cars_test/"}, "Kaggle": {"devkit/", "cars_train/cars_train/", "cars_test/cars_test/"},
		"packed": {"stanford_cars/devkit/", "stanford_cars/cars_train/", "stanford_cars/cars_test/"},
	} {
		cars := map[string][]byte{
			place[0] + "cars_train_annos.mat": train, place[0] + "cars_test_annos_withlabels.mat": test, place[0] + "cars_meta.mat": nil,
			place[1] + "00001.jpg": p, place[1] + "00002.jpg": p, place[1] + "00003.jpg": p, place[2] + "00001.jpg": p, place[2] + "00002.jpg": p,
		}
		check("cars "+what, "cars", cars, 3, 2)
		if what == "packed" { // as torchvision wants it
			cars["stanford_cars/cars_test_annos_withlabels.mat"] = cars["stanford_cars/devkit/cars_test_annos_withlabels.mat"]
			delete(cars, "stanford_cars/devkit/cars_test_annos_withlabels.mat")
			check("cars as torchvision", "cars", cars, 3, 2)
		}
	}
	folders := map[string][]byte{}
	for n, class := range []string{"AM General Hummer SUV 2000", "Acura RL Sedan 2012", "Ram C-V Cargo Van Minivan 2012", "smart fortwo Convertible 2012"} {
		folders[fmt.Sprintf("car_data/car_data/train/%s/%05d.jpg", class, n)], folders[fmt.Sprintf("car_data/car_data/test/%s/%05d.jpg", class, n)] = p, p
	}
	check("cars by folders", "cars", folders, 4, 4)
	lines := []string{`"AM General Hummer SUV 2000"`, "Acura RL Sedan 2012", "Ram C/V Cargo Van Minivan 2012"}
	for len(lines) < 195 {
		lines = append(lines, fmt.Sprint("Car ", len(lines)))
	}
	folders["names.csv"] = []byte(strings.Join(append(lines, "smart fortwo Convertible 2012"), "\n"))
	check("cars by folders and names", "cars", folders, 6, 2)

	for message, files := range map[string]map[string][]byte{
		"names images car_ims/…, and those of cars_train are called otherwise: add the devkit": {"cars_annos.mat": files("cars")["cars_annos.mat"], "cars_train/cars_train/00001.jpg": p},
		"it has no classes: fetch cars_test_annos_withlabels.mat": {"devkit/cars_train_annos.mat": train, "cars_train/00001.jpg": p,
			"devkit/cars_test_annos.mat": datatest.Matlab{}.Structs("annotations", []string{"bbox_x1", "fname"}, [][]any{{3.0, "00001.jpg"}})},
		"no cars_annos.mat there": {"a/1.jpg": p},
	} {
		_, err := Load("cars:"+datatest.Tree(t, files), Options{})
		datatest.Message(t, message, err, message)
	}

	// A byte-order mark, and blanks around labels and classes, in any list.
	for spec, list := range map[string]string{"grocery": "train.txt", "vehicleid-small": "train_test_split/train_list.txt", "folder": "split.txt", "cub": "images.txt", "sop": "Ebay_train.txt"} {
		marked := files(spec)
		marked[list] = append([]byte("\ufeff"), bytes.ReplaceAll(marked[list], []byte("\n"), []byte(" \r\n"))...)
		if _, err := Load(spec+":"+datatest.Tree(t, marked), Options{}); err != nil {
			t.Errorf("%s with a mark: %v", spec, err)
		}
	}
}

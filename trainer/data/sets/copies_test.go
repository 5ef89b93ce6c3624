package sets

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

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

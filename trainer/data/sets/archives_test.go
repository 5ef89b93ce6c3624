package sets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

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

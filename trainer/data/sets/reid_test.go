package sets

import (
	"fmt"
	"slices"
	"testing"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/datatest"
)

// persons are the images of a small Market-1501.
func persons(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"readme.txt": []byte("words"), "gt_bbox/0001_c1s1_000001_00.jpg": datatest.JPEG(t, 9)}
	add := func(folder, who string, cameras ...int) {
		for _, c := range cameras {
			files[fmt.Sprintf("%s/%s_c%ds1_%06d_01.jpg", folder, who, c, 100*c)] = datatest.JPEG(t, c)
		}
	}
	add("bounding_box_train", "0002", 1, 2, 3)
	add("bounding_box_train", "0007", 1, 2)
	add("query", "0001", 4)
	add("query", "0003", 4)
	add("bounding_box_test", "0001", 1, 4)
	add("bounding_box_test", "0003", 1, 2)
	add("bounding_box_test", "0005", 1)
	add("bounding_box_test", "0000", 1, 2)
	add("bounding_box_test", "-1", 1, 3, 4)
	return files
}

// The numbers of what a reader of re-identification says of its images.
func TestMarket(t *testing.T) {
	for _, top := range []string{"", "Market-1501-v15.09.15/"} {
		files := map[string][]byte{}
		for name, content := range persons(t) {
			files[top+name] = content
		}
		set := load(t, "market:"+datatest.Tree(t, files), Options{Size: data.Size{Height: 16, Width: 8}, Resize: "squeeze"})
		if want := []string{"-1", "0000", "0001", "0002", "0003", "0005", "0007"}; !slices.Equal(set.ClassNames, want) {
			t.Errorf("classes %v", set.ClassNames)
		}
		o := set.Official
		if len(o.Train) != 5 || len(o.Query) != 2 || len(o.Gallery) != 10 || set.Len() != 17 || set.Height != 16 || set.Width != 8 {
			t.Errorf("%d train, %d queries, %d gallery of %d", len(o.Train), len(o.Query), len(o.Gallery), set.Len())
		}
		junk, distractors := 0, 0
		for i := range set.Len() {
			class := set.ClassNames[set.Labels[i]]
			if set.IsJunk(i) != (class == "-1") || set.IsDistractor(i) != (class == "0000") {
				t.Errorf("image %s: junk %v, distractor %v", set.Files[i], set.IsJunk(i), set.IsDistractor(i))
			}
			if set.IsJunk(i) {
				junk++
			}
			if set.IsDistractor(i) {
				distractors++
			}
			var who, camera int
			name := set.Files[i][len(set.Files[i])-len("0001_c1s1_000100_01.jpg"):]
			if class == "-1" {
				name = name[2:]
			}
			if _, err := fmt.Sscanf(name, "%d_c%d", &who, &camera); err != nil || set.CameraNames[set.Camera(i)] != fmt.Sprint(camera) {
				t.Errorf("image %s: camera %d (%v)", set.Files[i], set.Camera(i), err)
			}
		}
		if junk != 3 || distractors != 2 || !slices.Equal(set.CameraNames, []string{"1", "2", "3", "4"}) {
			t.Errorf("%d junk, %d distractors, cameras %v", junk, distractors, set.CameraNames)
		}
		if got, want := leftOut(set), fmt.Sprintf("1 no image (%sreadme.txt); 1 not used by the set's protocol (%sgt_bbox/0001_c1s1_000001_00.jpg)", top, top); got != want {
			t.Errorf("left out %s, want %s", got, want)
		}
	}
	_, err := Load("folder:"+datatest.Tree(t, persons(t)), Options{})
	datatest.Message(t, "as a folder of classes", err, "read it as market:PATH")
	files := persons(t)
	for name := range files {
		if name[0] == 'q' {
			delete(files, name)
		}
	}
	_, err = Load("market:"+datatest.Tree(t, files), Options{})
	datatest.Message(t, "no queries", err, "no images in query: want the folders bounding_box_test, bounding_box_train, query")
}

// What is left out takes its camera along.
func TestBrokenPersons(t *testing.T) {
	files := persons(t)
	files["bounding_box_test/0000_c1s1_000100_01.jpg"] = []byte("torn")
	set := load(t, "market:"+datatest.Tree(t, files), Options{SkipBroken: true})
	if set.Len() != 16 || len(set.Broken) != 1 || len(set.Cameras) != 16 || len(set.Junk) != 16 || len(set.Distractors) != 16 {
		t.Fatalf("%d images, %d cameras", set.Len(), len(set.Cameras))
	}
	for i := range set.Len() {
		if class := set.ClassNames[set.Labels[i]]; set.IsDistractor(i) != (class == "0000") || set.IsJunk(i) != (class == "-1") {
			t.Errorf("image %d of class %s", i, class)
		}
	}
}

func TestDukeAndVeRi(t *testing.T) {
	p := datatest.JPEG(t, 1)
	duke := load(t, "market:"+datatest.Tree(t, map[string][]byte{
		"DukeMTMC-reID/bounding_box_train/0001_c2_f0046182.jpg": p, "DukeMTMC-reID/bounding_box_train/0009_c1_f0046182.jpg": p,
		"DukeMTMC-reID/query/0005_c2_f0046985.jpg": p, "DukeMTMC-reID/bounding_box_test/0005_c5_f0051341.jpg": p, "DukeMTMC-reID/bounding_box_test/7140_c8_f0051341.jpg": p,
	}), Options{})
	if !slices.Equal(duke.ClassNames, []string{"0001", "0005", "0009", "7140"}) || len(duke.Official.Query) != 1 || len(duke.Official.Gallery) != 2 || duke.Junk != nil || duke.Distractors != nil {
		t.Errorf("Duke: %v, %+v", duke.ClassNames, duke.Official)
	}
	veri := load(t, "veri:"+datatest.Tree(t, map[string][]byte{
		"image_train/0001_c001_00016450_0.jpg": p, "image_train/0003_c020_00016450_0.jpg": p, "image_query/0002_c002_00030600_0.jpg": p,
		"image_test/0002_c002_00030600_0.jpg": p, "image_test/0002_c003_00030600_0.jpg": p, "name_train.txt": []byte("0001_c001_00016450_0.jpg\n"), "train_label.xml": []byte("<x/>"),
	}), Options{})
	if !slices.Equal(veri.CameraNames, []string{"001", "002", "003", "020"}) || len(veri.Official.Query) != 1 || len(veri.Official.Gallery) != 2 || veri.Classes() != 3 {
		t.Errorf("VeRi: cameras %v, %+v", veri.CameraNames, veri.Official)
	}
}

func TestMSMT17(t *testing.T) {
	p := datatest.JPEG(t, 1)
	files := map[string][]byte{
		"list_train.txt": []byte("\ufeff0000/0000_000_01_0303morning_0008_0.jpg 0\r\n0001/0001_000_02_0303morning_0008_0.jpg 1\r\n"), "list_val.txt": []byte("0000/0000_001_05_0303noon_0008_0.jpg 0\n"),
		"list_query.txt": []byte("0000/0000_000_14_0113morning_0000_0.jpg 0\n"), "list_gallery.txt": []byte("0000\\0000_001_03_0113morning_0000_0.jpg 0\n"),
		"train/0000/0000_000_01_0303morning_0008_0.jpg": p, "train/0001/0001_000_02_0303morning_0008_0.jpg": p, "train/0000/0000_001_05_0303noon_0008_0.jpg": p,
		"test/0000/0000_000_14_0113morning_0000_0.jpg": p, "test/0000/0000_001_03_0113morning_0000_0.jpg": p,
	}
	set := load(t, "msmt17:"+datatest.Tree(t, files), Options{})
	if !slices.Equal(set.ClassNames, []string{"test/0000", "train/0000", "train/0001"}) || !slices.Equal(set.CameraNames, []string{"01", "02", "03", "05", "14"}) ||
		len(set.Official.Train) != 3 || len(set.Official.Query) != 1 || len(set.Official.Gallery) != 1 {
		t.Errorf("classes %v, cameras %v, %+v", set.ClassNames, set.CameraNames, set.Official)
	}
	files["list_gallery.txt"] = []byte("0000/x.jpg 0\n")
	_, err := Load("msmt17:"+datatest.Tree(t, files), Options{})
	datatest.Message(t, "a name without a camera", err, "list_gallery.txt, line 1", "whose third word is the camera")
}

func FuzzPersons(f *testing.F) {
	f.Add("bounding_box_train/0002_c1s1_000451_03.jpg", "query/0001_c1.jpg", "bounding_box_test/-1_c2.png")
	f.Add("a/b/query/-0001_c99999999999999999999.jpg", "bounding_box_test", "/")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		s := memory(map[string][]byte{a: nil, b: nil, c: nil, "bounding_box_train/2_c1.jpg": nil, "query/1_c1.jpg": nil, "bounding_box_test/1_c2.jpg": nil})
		for _, list := range []func() (*listing, error){func() (*listing, error) { return listMarket(s) }, func() (*listing, error) { return listVeRi(s) }, func() (*listing, error) { return listFolder(s) }} {
			if l, err := list(); err == nil {
				checkSet(t, l)
			}
		}
	})
}

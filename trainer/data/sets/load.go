// Package sets reads the data sets that a run trains and scores on: characters drawn from
// fonts, the public data sets of metric learning and re-identification in the layouts in which
// they are published, folders of images, and features of other models. [Specs] lists them.
//
// A set is in memory, or in a mapped file. It does not change after Load. The same spec and
// files give the same bytes in every run, whatever the number of processors. Nothing is
// downloaded.
package sets

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"crossbatch/trainer/data"
	"crossbatch/trainer/data/files"
	"crossbatch/trainer/data/glyph"
	"crossbatch/trainer/data/photo"
)

// Spec describes a set that [Load] reads.
type Spec struct {
	Name        string // as Load takes it; PATH stands for a path
	Description string // one line
}

// Options are the options of [Load]. The zero value is ready.
type Options struct {
	// Size is the size of photographs as the network's input; the zero value stands for 64 ×
	// 64.
	Size data.Size
	// Resize is the way to resize a photograph of another shape, one of data.Resizes; "":
	// data.ResizeCrop.
	Resize string
	// Margin stores a margin around photographs, a seventh more in all, for augmentation to
	// crop from. It has an effect with data.ResizeCrop alone: the other ways show the whole
	// photograph.
	Margin bool
	// SkipBroken leaves out images that are missing or cannot be read, and names them in
	// Set.Broken; without it they are errors.
	SkipBroken bool
	// Cache is a folder for decoded photographs, which later calls read. "": sets larger than
	// InMemory are cached in the folder xbm of os.UserCacheDir, others are not.
	Cache string
	// InMemory is the largest number of bytes of pixels that is held in memory; 0: 2 GiB. The
	// pixels of a larger set stay in the cache's file, which is mapped.
	InMemory int64
	// Input is standard input, for a spec that reads its list of images from there.
	Input io.Reader
	// Progress, if not nil, is called with the number of photographs read so far.
	Progress func(done, of int)
}

// defaultSide is that of photographs.
const defaultSide = 64

// form is what photographs are stored in. The margin is a fourteenth of the view on each side:
// 256 stored for 224 seen.
func (o Options) form() photo.Form {
	f := photo.Form{Height: cmp.Or(o.Size.Height, defaultSide), Width: cmp.Or(o.Size.Width, defaultSide), Resize: cmp.Or(o.Resize, data.ResizeCrop)}
	if o.Margin && f.Resize == data.ResizeCrop {
		f.Margin = (max(f.Height, f.Width) + 13) / 14
	}
	return f
}

func (o Options) inMemory() int64 { return cmp.Or(o.InMemory, 2<<30) }

// layout is a set that lies in files.
type layout struct {
	name, place, description string
	list                     func(*files.Source) (*listing, error)           // of photographs
	load                     func(path string, o Options) (*data.Set, error) // or of anything else
}

func layouts() []layout {
	vehicles := func(size string) func(*files.Source) (*listing, error) {
		return func(s *files.Source) (*listing, error) { return listVehicleID(s, size) }
	}
	return []layout{
		{name: "omniglot", place: "PATH", description: "handwritten characters from Omniglot's zips or unpacked folders at PATH",
			load: func(path string, o Options) (*data.Set, error) { return loadOmniglot(path, o.SkipBroken) }},
		{name: "fonts", place: "PATH", description: "characters of the fonts (TTF, OTF, TTC) below PATH: class = character, image = typeface",
			load: func(path string, o Options) (*data.Set, error) { return glyph.Fonts(path, true, o.SkipBroken) }},
		{name: "fonts-plain", place: "PATH", description: "the same images without jitter",
			load: func(path string, o Options) (*data.Set, error) { return glyph.Fonts(path, false, o.SkipBroken) }},
		{name: "sop", place: "PATH", description: "Stanford Online Products: Ebay_train.txt, Ebay_test.txt", list: listSOP},
		{name: "inshop", place: "PATH", description: "In-Shop Clothes: list_eval_partition.txt; queries and gallery", list: listInShop},
		{name: "cub", place: "PATH", description: "CUB-200-2011: images.txt, image_class_labels.txt; classes 1 to 100 train", list: listCUB},
		{name: "cars", place: "PATH", description: "Cars196: cars_annos.mat, the devkit with cars_train and cars_test, or Kaggle's folders; classes 1 to 98 train", list: listCars},
		{name: "vehicleid-small", place: "PATH", description: "VehicleID: train_test_split/train_list.txt, test_list_800.txt", list: vehicles("small")},
		{name: "vehicleid-medium", place: "PATH", description: "the same with test_list_1600.txt", list: vehicles("medium")},
		{name: "vehicleid-large", place: "PATH", description: "the same with test_list_2400.txt", list: vehicles("large")},
		{name: "grocery", place: "PATH", description: "Grocery Store: train.txt, val.txt, test.txt; fine classes", list: listGrocery},
		{name: "market", place: "PATH", description: "Market-1501, DukeMTMC-reID: bounding_box_train, query, bounding_box_test; cameras, junk, distractors", list: listMarket},
		{name: "msmt17", place: "PATH", description: "MSMT17: list_train.txt, list_val.txt, list_query.txt, list_gallery.txt; cameras", list: listMSMT17},
		{name: "veri", place: "PATH", description: "VeRi-776: image_train, image_query, image_test; cameras", list: listVeRi},
		{name: "folder", place: "PATH", description: "a folder per class of JPEG, PNG, GIF, BMP, WebP or TIFF; split.txt beside them may say CLASS train|val|test; or train, val, test, query, gallery with a folder per class", list: listFolder},
		{name: "csv", place: "FILE", description: "a table of images: columns path and label, perhaps split, query, camera, group; paths from the file's folder", load: loadManifest},
		{name: "images", place: "PATH", description: "images without classes, to be embedded: below a folder, in an archive, one file, or those that a text lists, a path a line; - reads the list from standard input", load: loadImages},
		{name: "idx", place: "PATH", description: "MNIST's files, or Fashion-MNIST's: train-images-idx3-ubyte.gz and so on",
			load: func(path string, _ Options) (*data.Set, error) { return fromSource(path, loadIDX) }},
		{name: "features", place: "X.npy,L.npy", description: "embeddings of another model, n×d, and their labels (.npy, .npz, or a table; split=FILE, query=, camera=, group= may follow); for --backbone linear or mlp",
			load: func(path string, _ Options) (*data.Set, error) { return loadFeatures(path) }},
	}
}

// PhotoForm returns the form in which Load stores a set of photographs. ok is false for other
// sets, which have a shape of their own.
func PhotoForm(spec string, o Options) (form photo.Form, ok bool) {
	name, _, _ := strings.Cut(spec, ":")
	for _, l := range layouts() {
		if l.name == name && (l.list != nil || name == "csv") {
			return o.form(), true
		}
	}
	return form, false
}

func fromSource(path string, load func(*files.Source) (*data.Set, error)) (*data.Set, error) {
	s, err := files.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // it was only read
	return load(s)
}

// Specs lists the sets that Load knows, the default first.
func Specs() []Spec {
	specs := []Spec{
		{"glyphs", "letters and digits in 119 faces of 15 families, at most 12 a class, jittered"},
		{"glyphs-plain", "the same images without jitter"},
		{"glyphs-small", "letters and digits in Go's own 10 faces, jittered"},
		{"glyphs-small-plain", "the same images without jitter"},
	}
	for _, l := range layouts() {
		specs = append(specs, Spec{l.name + ":" + l.place, l.description})
	}
	return specs
}

// List lists the specs with their descriptions, a line each, which begins with indent.
func List(indent string) string {
	var b strings.Builder
	width := 0
	for _, s := range Specs() {
		width = max(width, len(s.Name))
	}
	for _, s := range Specs() {
		fmt.Fprintf(&b, "%s%-*s  %s\n", indent, width, s.Name, s.Description)
	}
	return b.String()
}

// Load reads the set that spec names, see [Specs]. PATH is a folder; photographs may also be
// in a .zip or .tar. Close the set when it is no longer used. An error is one line. It names
// the file, and the line of a list, that could not be read.
func Load(spec string, o Options) (*data.Set, error) {
	if err := errors.Join(o.Size.Validate(), o.form().Validate()); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	set, err := loadSpec(spec, o)
	if err != nil {
		return nil, fmt.Errorf("data: set %q: %w", spec, err)
	}
	set.Name = spec
	return set, nil
}

func loadSpec(spec string, o Options) (*data.Set, error) {
	name, path, hasPath := strings.Cut(spec, ":")
	if slices.Contains(glyph.Names(), name) {
		if hasPath {
			return nil, fmt.Errorf("%s takes no path: leave out %q", name, ":"+path)
		}
		return glyph.Load(name)
	}
	for _, l := range layouts() {
		switch {
		case l.name != name:
			continue
		case path == "":
			return nil, fmt.Errorf("no path: write %s:%s", name, l.place)
		case l.load != nil:
			return l.load(path, o)
		}
		return fromSource(path, func(s *files.Source) (*data.Set, error) {
			listed, err := l.list(s)
			if err != nil {
				return nil, err
			}
			return listed.photos(o)
		})
	}
	var names []string
	for _, known := range Specs() {
		names = append(names, known.Name)
	}
	return nil, fmt.Errorf("unknown: choose one of %s", strings.Join(names, ", "))
}

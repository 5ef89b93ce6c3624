package files

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	for content, want := range map[string]string{
		"":                                      "",
		"a":                                     "a",
		"\xef\xbb\xbfé\r\n":                     "é\r\n",
		"\xef\xbb\xbf":                          "",
		"\xff\xfea\x00\xe9\x00":                 "aé",
		"\xfe\xff\x00a\x00\xe9\xd8\x3d\xde\x00": "aé😀",
		"\xff\xfe":                              "",
		"\xff\xfea":                             "",
		"a\rb\r":                                "a\nb\n",
		"a\rb\r\n":                              "a\rb\r\n",
		"\xef\xbb":                              "\xef\xbb",
	} {
		r, err := Text(strings.NewReader(content))
		if err != nil {
			t.Errorf("%q: %v", content, err)
			continue
		}
		if got, err := io.ReadAll(r); err != nil || string(got) != want {
			t.Errorf("%q: %q, want %q (%v)", content, got, want, err)
		}
	}
}

func TestIsHousekeeping(t *testing.T) {
	for name, want := range map[string]bool{
		"a/1.jpg": false, "a/.hidden.jpg": true, ".git/x": true, "a/@eaDir/1.jpg": true, "@EADIR/1": true, "a/Thumbs.db": true, "__MACOSX/a/1.jpg": true,
		"a/desktop.ini": true, "thumbs/1.jpg": false, "../a/1.jpg": false, "./a": false, "a@eaDir/1.jpg": false, "": false,
	} {
		if got := IsHousekeeping(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("\xff\xfea\x00"))
	f.Add([]byte("\xef\xbb\xbfa"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := Of("archive", map[string][]byte{"list": content})
		_ = s.Lines("list", 0, func(_ int, words []string) error { // must not panic
			if len(words) == 0 {
				t.Error("a line without words")
			}
			return nil
		})
		if r, err := Text(bytes.NewReader(content)); err == nil {
			_, _ = io.ReadAll(r)
		}
	})
}

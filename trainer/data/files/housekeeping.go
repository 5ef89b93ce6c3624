package files

import "strings"

// IsHousekeeping tells that a file is none of its owner's: hidden, or made by a program that
// shows or copies files, as notebooks, file managers, servers and archivers do. Name is relative
// to the data set; one such folder above the file is enough.
func IsHousekeeping(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part != "." && part != ".." && strings.HasPrefix(part, ".") {
			return true
		}
		switch strings.ToLower(part) {
		case "@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot", // Synology, QNAP
			"__macosx", "icon\r", // macOS
			"thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "recycler", "system volume information", // Windows
			"lost+found", "__pycache__":
			return true
		}
	}
	return false
}

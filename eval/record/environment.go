package record

import (
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/cpuid/v2"
)

// Environment is what a run was made with and on. None of it changes the scores,
// but for the last digits between kinds of processors and numbers of ranks, and more
// where ranks have batch normalisation of their own.
type Environment struct {
	Go       string            `json:"go"`                 // version
	Module   string            `json:"module"`             // the command's, with its version
	Revision string            `json:"revision,omitempty"` // of the source, where the build knew it
	Modified bool              `json:"modified,omitempty"` // the source differed from the revision
	Modules  map[string]string `json:"modules,omitempty"`  // versions of the modules built in
	OS       string            `json:"os"`
	Arch     string            `json:"arch"`
	CPU      string            `json:"cpu,omitempty"`      // model
	Features string            `json:"features,omitempty"` // of the processor
	Cores    int               `json:"cores"`              // that the process may use
	Threads  int               `json:"threads"`            // GOMAXPROCS
	Ranks    int               `json:"ranks,omitempty"`    // processes that trained together; 0: one alone
	Seed     uint64            `json:"seed"`
	Command  []string          `json:"command"` // line that was given
	Started  time.Time         `json:"started"`

	Later []Environment `json:"resumed,omitempty"` // those that the run went on with, without the modules
}

// Resumed is e, which is nil where it is not known, with the one that the run goes
// on with.
func (e *Environment) Resumed(with Environment) Environment {
	if e == nil {
		return with
	}
	with.Modules = nil
	both := *e
	both.Later = append(slices.Clone(e.Later), with)
	return both
}

// Here is the environment of this process, now.
func Here(seed uint64, command []string) Environment {
	e := Environment{
		Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpuid.CPU.BrandName, Features: strings.Join(cpuid.CPU.FeatureSet(), " "),
		Cores: runtime.NumCPU(), Threads: runtime.GOMAXPROCS(0),
		Seed: seed, Command: slices.Clone(command), Started: time.Now().UTC().Truncate(time.Second),
	}
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return e
	}
	e.Module, e.Modules = build.Main.Path+" "+build.Main.Version, map[string]string{}
	for _, m := range build.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		e.Modules[m.Path] = m.Version
	}
	for _, s := range build.Settings {
		switch s.Key {
		case "vcs.revision":
			e.Revision = s.Value
		case "vcs.modified":
			e.Modified = s.Value == "true"
		}
	}
	return e
}

// Environment writes what the run is made with and on.
func (r *Run) Environment(e Environment) error { return r.JSON(EnvironmentFile, e) }

// JSON writes a value as a file of JSON, see [EncodeJSON].
func (f Folder) JSON(name string, v any) error {
	return f.Write(name, func(w io.Writer) error { return EncodeJSON(w, v, "  ") })
}

// readJSON reads a file of a run; ok is false where there is none.
func readJSON(path string, v any) (ok bool, err error) {
	content, err := ReadText(path)
	if os.IsNotExist(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, parse(content, v)
}

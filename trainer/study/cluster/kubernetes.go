package cluster

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Kubernetes describes the container and the volume of a study on Kubernetes.
type Kubernetes struct {
	Image  string // container image that has the command xbm in its path
	Volume string // PersistentVolumeClaim that holds the study; all nodes must be able to write to it
	Mount  string // absolute path of the volume in the containers; the study's folder is in it
}

// retries is how often a cell is tried again whose pod fails.
const retries = 6

// Kubernetes returns the jobs as a manifest: an indexed job for each stage, and a last job for
// what is still missing and for the report. Stages after the first are suspended: the manifest
// says how to resume them when the stage before is complete.
func (j Jobs) Kubernetes(k Kubernetes) (string, error) {
	var b strings.Builder
	study := label(filepath.Base(j.Dir))
	j.Dir = path.Join(k.Mount, filepath.Base(j.Dir))
	b.WriteString("# kubectl apply -f FILE starts the study.\n")
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	before := ""
	for i, s := range append(slices.Clone(j.Stages), j.page()) {
		name := fmt.Sprintf("%s-%d-%s", study, i+1, label(s.Name))
		var command []string
		spec := map[string]any{"suspend": false}
		if len(s.Cells) == 0 { // the page
			command = j.line("--jobs", "1")
			spec["backoffLimit"] = retries
		} else {
			// Those between that are complete end at once.
			first := s.Cells[0]
			command = j.line("--cell", "array", "--first", fmt.Sprint(first))
			n := s.Cells[len(s.Cells)-1] - first + 1
			spec["completionMode"], spec["completions"], spec["parallelism"], spec["backoffLimitPerIndex"] = "Indexed", n, n, retries
			if j.AtOnce > 0 {
				spec["parallelism"] = min(n, j.AtOnce)
			}
			if spec["suspend"] = before != ""; before != "" {
				fmt.Fprintf(&b, "# The %s depend on the stage before. Once that is complete:\n#   kubectl wait --timeout=-1s --for=condition=complete job/%s && kubectl patch job/%s -p '{\"spec\":{\"suspend\":false}}'\n", s.Name, before, name)
			}
			before = name
		}
		spec["template"] = map[string]any{"spec": pod(k, s, command, j.Threads)}
		if err := e.Encode(map[string]any{
			"apiVersion": "batch/v1", "kind": "Job",
			"metadata": map[string]any{"name": name, "labels": map[string]string{"app.kubernetes.io/name": "xbm", "app.kubernetes.io/instance": study}},
			"spec":     spec,
		}); err != nil {
			return "", err
		}
	}
	return b.String(), e.Close()
}

// pod is what runs a command.
func pod(k Kubernetes, s Stage, command []string, threads int) map[string]any {
	memory := fmt.Sprintf("%dMi", s.mebibytes())
	return map[string]any{
		"restartPolicy":                 "Never",
		"terminationGracePeriodSeconds": warning,
		"containers": []any{map[string]any{
			"name": "xbm", "image": k.Image, "command": command, "workingDir": path.Clean(k.Mount),
			"resources": map[string]any{
				"requests": map[string]string{"cpu": fmt.Sprint(threads), "memory": memory},
				"limits":   map[string]string{"memory": memory},
			},
			"volumeMounts": []any{map[string]string{"name": "study", "mountPath": path.Clean(k.Mount)}},
		}},
		"volumes": []any{map[string]any{"name": "study", "persistentVolumeClaim": map[string]string{"claimName": k.Volume}}},
	}
}

// label is a name as Kubernetes takes it: what is allowed of it.
func label(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, text)
	const most = 40 // of 63, with what follows
	text = strings.Trim(text[:min(most, len(text))], "-")
	if text == "" {
		return "study"
	}
	return text
}

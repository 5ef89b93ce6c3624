// Command kubernetes checks a manifest, on standard input, against the types of the
// Kubernetes API: every field must be one of a Job's, of its kind. It is a module of its
// own, so that the API is no dependency of ours.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	batch "k8s.io/api/batch/v1"
	yamldocs "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

func main() {
	jobs, err := check(os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "kubernetes:", err)
		os.Exit(1)
	}
	fmt.Printf("%d jobs are as the API has them\n", jobs)
}

func check(manifest io.Reader) (jobs int, err error) {
	for docs := yamldocs.NewYAMLReader(bufio.NewReader(manifest)); ; jobs++ {
		text, err := docs.Read()
		if errors.Is(err, io.EOF) {
			return jobs, nil
		}
		var job batch.Job
		if err == nil {
			err = yaml.UnmarshalStrict(text, &job)
		}
		switch {
		case err != nil:
			return jobs, err
		case job.APIVersion != "batch/v1" || job.Kind != "Job" || len(job.Spec.Template.Spec.Containers) != 1:
			return jobs, fmt.Errorf("it is %s %s with %d containers", job.APIVersion, job.Kind, len(job.Spec.Template.Spec.Containers))
		}
	}
}

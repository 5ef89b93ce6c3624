package claim

import (
	"testing"
)

// A process of another boot, or container, may have the number of a living one, or of none.
func TestOnlyAProcessOfThisSystemIsKnownToBeGone(t *testing.T) {
	here := Here()
	if here.Boot == "" || here.Namespace == "" {
		t.Skip("this system does not say which boot it is")
	}
	gone := here
	gone.Began = "0"
	if here.gone(here) || !gone.gone(here) {
		t.Error("this process is there, and one of another beginning is not")
	}
	for _, change := range []func(*Owner){
		func(o *Owner) { o.Host = "another" }, func(o *Owner) { o.Boot = "another" },
		func(o *Owner) { o.Namespace = "another" }, func(o *Owner) { o.Boot = "" },
	} {
		o := gone
		if change(&o); o.gone(here) {
			t.Errorf("%+v is said to be gone", o)
		}
	}
}

func TestJobsHaveTheirSchedulersNames(t *testing.T) {
	for want, env := range map[string]map[string]string{
		"":               {},
		"Slurm 7_3":      {"SLURM_ARRAY_JOB_ID": "7", "SLURM_ARRAY_TASK_ID": "3", "SLURM_JOB_ID": "10"},
		"Slurm 10":       {"SLURM_JOB_ID": "10"},
		"PBS 8[2].host":  {"PBS_JOBID": "8[2].host"},
		"SGE 9.4":        {"JOB_ID": "9", "SGE_TASK_ID": "4", "SGE_ROOT": "/opt/sge"},
		"AWS Batch 1a:2": {"AWS_BATCH_JOB_ID": "1a:2"},
	} {
		if got := job(func(key string) string { return env[key] }); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

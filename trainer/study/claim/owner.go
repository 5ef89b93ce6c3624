package claim

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Owner is a process that has claimed a piece of work.
type Owner struct {
	Host string `json:"host"`
	PID  int    `json:"pid"`
	Job  string `json:"job,omitempty"` // of a scheduler, as it names it

	// Boot, Namespace and Began tell this process from another of the same host and PID: the
	// boot of the machine, the namespace of the process numbers, and the start of the process.
	// "" if not known.
	Boot      string `json:"boot,omitempty"`
	Namespace string `json:"namespace,omitempty"`
	Began     string `json:"began,omitempty"`
}

// Here returns this process.
func Here() Owner {
	o := Owner{PID: os.Getpid(), Job: job(os.Getenv)}
	o.Host, _ = os.Hostname()
	boot, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	o.Boot = strings.TrimSpace(string(boot))
	o.Namespace, _ = os.Readlink("/proc/self/ns/pid")
	_, o.Began = process(o.PID)
	return o
}

// job is what a scheduler calls the job that the environment is of.
func job(getenv func(string) string) string {
	if id := getenv("SLURM_ARRAY_JOB_ID"); id != "" {
		return "Slurm " + id + "_" + getenv("SLURM_ARRAY_TASK_ID")
	}
	for _, of := range [][2]string{{"Slurm", "SLURM_JOB_ID"}, {"PBS", "PBS_JOBID"}, {"AWS Batch", "AWS_BATCH_JOB_ID"}} {
		if id := getenv(of[1]); id != "" {
			return of[0] + " " + id
		}
	}
	if id := getenv("JOB_ID"); id != "" && getenv("SGE_ROOT") != "" {
		return strings.TrimSuffix("SGE "+id+"."+getenv("SGE_TASK_ID"), ".")
	}
	return ""
}

// String describes the owner for messages.
func (o Owner) String() string {
	text := fmt.Sprintf("process %d on %s", o.PID, cmp.Or(o.Host, "an unknown machine"))
	if o.Job != "" {
		text += " (job " + o.Job + ")"
	}
	return text
}

// gone tells whether the owner has certainly ended. Of another machine, or another
// container of this one, that cannot be known.
func (o Owner) gone(here Owner) bool {
	if o.Boot == "" || o.Namespace == "" || o.Host != here.Host || o.Boot != here.Boot || o.Namespace != here.Namespace {
		return false
	}
	p, err := os.FindProcess(o.PID)
	if err != nil {
		return false
	}
	if err := p.Signal(syscall.Signal(0)); errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	state, began := process(o.PID)
	return state == "Z" || began != "" && o.Began != "" && began != o.Began // its number is another's now
}

// process is the state of a process, and when it began; empty where the system does not
// say.
func process(pid int) (state, began string) {
	text, err := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), "stat"))
	if err != nil {
		return "", ""
	}
	// The name, in brackets, may hold anything.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	const beganAt = 19 // of those after the name
	if len(fields) <= beganAt {
		return "", ""
	}
	return fields[0], fields[beganAt]
}

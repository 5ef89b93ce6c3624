//go:build unix

package backbone

import (
	"syscall"
	"testing"
	"time"
)

// BenchmarkNetworks is a training step and an embedding of every network by the least
// processor time of all threads, which other work on the machine disturbs least.
// testdata/peers/torch_networks.py sets PyTorch beside it.
func BenchmarkNetworks(b *testing.B) {
	for _, kind := range Kinds() {
		cfg, batch := Config{Kind: kind, Channels: 3, Height: 64, Width: 64}, 32
		switch kind {
		case Conv4:
			cfg.Channels, cfg.Height, cfg.Width, batch = 1, 32, 32, 64
		case Linear, MLP, ViTB16, ViTS14:
			continue
		}
		n, images := randomNet(b, cfg, batch)
		emb := make([]float32, batch*n.Dim())
		for what, once := range map[string]func() error{
			"train": func() error { return n.Train(images, whole) },
			"embed": func() error { return n.Embed(emb, images) },
		} {
			b.Run(kind+"/"+what, func(b *testing.B) {
				if what == "embed" {
					defer n.Hold()() // as where a set of images is embedded
				}
				if err := once(); err != nil { // builds the graph, lays the weights out
					b.Fatal(err)
				}
				least := time.Duration(1 << 62)
				for b.Loop() {
					began := processorTime()
					if err := once(); err != nil {
						b.Fatal(err)
					}
					least = min(least, processorTime()-began)
				}
				b.ReportMetric(float64(least.Microseconds())/1e3, "cpu-ms")
			})
		}
	}
}

func processorTime() time.Duration {
	var r syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &r) != nil {
		return 0
	}
	return time.Duration(r.Utime.Nano() + r.Stime.Nano())
}

package kernel

import (
	"math/rand/v2"
	"testing"
)

func FuzzGemm(f *testing.F) {
	f.Add(uint8(12), uint8(32), uint16(320), uint64(1))
	f.Add(uint8(0), uint8(1), uint16(0), uint64(2))
	f.Add(uint8(97), uint8(255), uint16(321), uint64(3))
	f.Fuzz(func(t *testing.T, m, n uint8, k uint16, seed uint64) {
		p := randomProduct(rand.New(rand.NewPCG(seed, 0)), int(m), int(n), int(k%1000))
		for kd := portable; kd <= native; kd++ {
			got := p.copyC()
			kd.gemmSerial(p.m, p.n, p.k, p.alpha, p.a, p.b, p.beta, got)
			if i, j, bad := p.differs(got); bad {
				t.Fatalf("%v: element (%d, %d) = %v", kd, i, j, got.Data[i*got.Stride+j])
			}
		}
	})
}

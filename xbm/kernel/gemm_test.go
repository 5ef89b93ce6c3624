package kernel

import (
	"math/rand/v2"
	"runtime"
	"testing"
)

func TestGemmTwin(t *testing.T) {
	// Around the extents of vectors, tiles and blocks.
	sizes := []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 97, 130}
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(1, uint64(kd)))
		pick := func() int { return sizes[rng.IntN(len(sizes))] }
		try := func(m, n, k int) {
			p := randomProduct(rng, m, n, k)
			got := p.copyC()
			kd.gemm(m, n, k, p.alpha, p.a, p.b, p.beta, got)
			if i, j, bad := p.differs(got); bad {
				t.Fatalf("%d×%d×%d alpha %v beta %v transposed %v %v: element (%d, %d) = %v",
					m, n, k, p.alpha, p.beta, p.a.Trans, p.b.Trans, i, j, got.Data[i*got.Stride+j])
			}
		}
		for range 1500 {
			try(pick(), pick(), pick())
		}
		for range 3 {
			for _, s := range [][3]int{
				{1, 1, 3000}, {3, 517, 330}, {100, 300, 650}, {97, 259, 321}, {5, 1300, 17},
				{1100, 3, 18}, {260, 270, 64}, {64, 128, 1025}, {64, 1000, 128},
			} {
				try(s[0], s[1], s[2])
			}
		}
	})
}

// Gemm, GemmSerial and any number of processors give the same bits.
func TestGemmParallelBits(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(2, uint64(kd)))
		for _, s := range [][3]int{{130, 520, 100}, {65, 1029, 130}, {1000, 31, 150}, {64, 128, 1030}, {203, 205, 207}} {
			m, n, k := s[0], s[1], s[2]
			if rows, cols := kd.shares(m, n, k); rows >= m && cols >= n {
				t.Fatalf("%v is not shared", s)
			}
			p := randomProduct(rng, m, n, k)
			p.alpha = 0.7
			want := p.copyC()
			kd.gemmSerial(m, n, k, p.alpha, p.a, p.b, p.beta, want)
			for _, procs := range []int{1, 2, 3, 8} {
				old := runtime.GOMAXPROCS(procs)
				got := p.copyC()
				kd.gemm(m, n, k, p.alpha, p.a, p.b, p.beta, got)
				runtime.GOMAXPROCS(old)
				if !sameBits(got.Data, want.Data) {
					t.Errorf("%v: %d processors change the bits", s, procs)
				}
			}
		}
	})
}

// An element's bits do not depend on the matrix around it.
func TestGemmPartBits(t *testing.T) {
	eachKind(t, func(t *testing.T, kd kind) {
		rng := rand.New(rand.NewPCG(3, uint64(kd)))
		p := randomProduct(rng, 70, 90, 400)
		p.alpha, p.beta = 1, 0
		p.a, p.b = randomMat(rng, 70, 400, false), randomMat(rng, 400, 90, true)
		whole := p.copyC()
		kd.gemmSerial(p.m, p.n, p.k, 1, p.a, p.b, 0, whole)
		for range 50 {
			i, j := rng.IntN(70), rng.IntN(90)
			a, b := p.a, p.b
			a.Data, b.Data = a.Data[i*a.Stride:], b.Data[j*b.Stride:]
			m, n := 1+rng.IntN(70-i), 1+rng.IntN(90-j)
			part := Mat{Data: make([]float32, m*n), Stride: n}
			kd.gemmSerial(m, n, p.k, 1, a, b, 0, part)
			for r := range m {
				if !sameBits(part.Data[r*n:][:n], whole.Data[(i+r)*whole.Stride+j:][:n]) {
					t.Fatalf("part %d×%d at (%d, %d) differs in row %d", m, n, i, j, r)
				}
			}
		}
	})
}

func TestGemmPanics(t *testing.T) {
	x := func(n int) Mat { return Mat{Data: make([]float32, n), Stride: 4} }
	for _, c := range []struct {
		name, want string
		m          int
		a, b, c    Mat
	}{
		{"dimension", "kernel: negative dimension of a product", -1, x(16), x(16), x(16)},
		{"trans", "kernel: c is transposed", 4, x(16), x(16), Mat{Data: make([]float32, 16), Stride: 4, Trans: true}},
		{"overlap", "kernel: rows of c overlap", 4, x(16), x(16), Mat{Data: make([]float32, 16), Stride: 3}},
		{"stride", "kernel: negative stride of a", 4, Mat{Data: make([]float32, 16), Stride: -4}, x(16), x(16)},
		{"short a", "kernel: a is too short", 4, x(15), x(16), x(16)},
		{"short b", "kernel: b is too short", 4, x(16), x(15), x(16)},
		{"short c", "kernel: c is too short", 4, x(16), x(16), x(15)},
	} {
		mustPanic(t, c.name, c.want, func() { Gemm(c.m, 4, 4, 1, c.a, c.b, 0, c.c) })
		mustPanic(t, c.name, c.want, func() { GemmSerial(c.m, 4, 4, 1, c.a, c.b, 0, c.c) })
	}
}

func TestGemmSerialAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	a, b := randomMat(rng, 100, 300, false), randomMat(rng, 300, 200, true)
	c := randomMat(rng, 100, 200, false)
	if n := testing.AllocsPerRun(50, func() { GemmSerial(100, 200, 300, 1, a, b, 0, c) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

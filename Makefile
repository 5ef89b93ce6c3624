.PHONY: build build-mpi test-mpi kills-mpi build-cuda ptx test-cuda libxbm wheel wheels pytest test exhaustive race lint fmt bench fuzz kills load soak generate results ablation small-memories cures unlabelled mutants

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
FUZZTIME ?= 60s

build: ## the command, as bin/xbm
	go build -o bin/xbm ./cmd/xbm

# The command with MPI, for mpirun -n 4 bin/xbm train; MPICC is the library's compiler.
MPICC ?= mpicc

build-mpi:
	CGO_ENABLED=1 CC=$(MPICC) go build -tags mpi -o bin/xbm ./cmd/xbm

# Ranks that mpirun starts on this machine: what they move, that they are one process,
# that one which dies ends all. As root, too.
TEST_MPI = CGO_ENABLED=1 CC=$(MPICC) go test -count=1 -tags mpi

test-mpi:
	CGO_ENABLED=1 CC=$(MPICC) go vet -tags mpi ./trainer/mpi ./cmd/xbm
	$(TEST_MPI) -short ./trainer/mpi
	$(TEST_MPI) -short -run MPI ./cmd/xbm

# A rank killed twenty times, and the run gone on with.
kills-mpi:
	XBM_KILLS=20 $(TEST_MPI) -v -timeout 60m -run MPIRankIsKilled ./cmd/xbm

# The command that can use NVIDIA's cards, as bin/xbm-cuda. It takes a C compiler and nothing
# of CUDA, and starts without a driver, too. gorgonia.org/cu says to assume terms like the GPL's
# for two of its files: they hold for this program.
CUDA = CGO_ENABLED=1 CGO_CFLAGS='-O2 -w -I$(CURDIR)/bin/cuda/include' CGO_LDFLAGS='-L$(CURDIR)/bin/cuda/lib' go
KERNELS = xbm/internal/cuda/kernel

build-cuda: bin/cuda/lib/libcuda.a
	$(CUDA) build -tags nvidia -o bin/xbm-cuda ./cmd/xbm

bin/cuda/lib/libcuda.a: go.mod $(wildcard xbm/internal/cuda/driver/*)
	xbm/internal/cuda/driver/make bin/cuda

# The kernels' PTX, by Debian's clang-19: the same bytes on every machine.
ptx:
	$(KERNELS)/make $(CURDIR)/$(KERNELS)/kernels.ptx

# Kernels and what drives them, on a driver that emulates the card: takes g++.
test-cuda: bin/cuda/lib/libcuda.a
	$(CUDA) vet -tags nvidia ./xbm/internal/cuda/... ./xbm/device
	$(CUDA) test -tags nvidia ./xbm/internal/cuda/... ./xbm/device

# The C library, shared and static, its header and its pkg-config file, in PREFIX.
PREFIX ?= $(CURDIR)/bin/libxbm
LIBXBM = CGO_ENABLED=1 go build -trimpath -ldflags '-s -w -extldflags -Wl,-soname,libxbm.so.1'

libxbm:
	mkdir -p $(PREFIX)/lib/pkgconfig $(PREFIX)/include
	$(LIBXBM) -buildmode=c-shared -o $(PREFIX)/lib/libxbm.so ./cmd/libxbm
	$(LIBXBM) -buildmode=c-archive -o $(PREFIX)/lib/libxbm.a ./cmd/libxbm
	rm $(PREFIX)/lib/libxbm.h
	ln -sf libxbm.so $(PREFIX)/lib/libxbm.so.1
	cp cmd/libxbm/xbm.h $(PREFIX)/include
	sed 's,@PREFIX@,$(PREFIX),; s,@VERSION@,$(shell cat cmd/libxbm/VERSION),' cmd/libxbm/libxbm.pc.in >$(PREFIX)/lib/pkgconfig/libxbm.pc

# Package crossbatch for Python, in bin/wheels, offline: by Debian's setuptools, whatever
# other Python comes first. wheels is for aarch64, too.
PYTHON ?= /usr/bin/python3
MACHINE = $(shell uname -m)
WHEEL = bin/wheels/crossbatch-$(shell cat cmd/libxbm/VERSION)-py3-none-manylinux_2_34_

wheel: $(MACHINE).wheel

wheels: x86_64.wheel aarch64.wheel

x86_64.wheel: export GOARCH = amd64
aarch64.wheel: export GOARCH = arm64
aarch64.wheel: export CC = $(if $(filter aarch64,$(MACHINE)),gcc,aarch64-linux-gnu-gcc)

%.wheel:
	rm -rf bin/wheel-$* && mkdir -p bin/wheel-$* bin/wheels
	cp -r cmd/libxbm/python/crossbatch cmd/libxbm/python/pyproject.toml cmd/libxbm/python/setup.py cmd/libxbm/python/README.md LICENSE bin/wheel-$*
	$(LIBXBM) -buildmode=c-shared -o bin/wheel-$*/crossbatch/_libxbm.so ./cmd/libxbm
	rm bin/wheel-$*/crossbatch/_libxbm.h
	cd bin/wheel-$* && SOURCE_DATE_EPOCH=315532800 CROSSBATCH_MACHINE=$* $(PYTHON) -m pip wheel --quiet --no-index --no-build-isolation --no-deps --wheel-dir ../wheels .
	rm -rf bin/wheel-$*

# The package's tests, on the wheel in an environment of its own that sees the machine's
# numpy and torch.
pytest: wheel
	rm -rf bin/venv && $(PYTHON) -m venv --system-site-packages bin/venv
	bin/venv/bin/pip install --quiet --no-index $(WHEEL)$(MACHINE).whl
	bin/venv/bin/python -m pytest -q --durations=5 $(PYTEST) cmd/libxbm/python/tests

test:
	go test ./...

# All of the sweeps over losses, miners and shapes; the default runs a part of the costly ones.
exhaustive:
	XBM_EXHAUSTIVE=1 go test -timeout 60m ./xbm/...

race:
	go test -race -short -timeout 40m ./...

lint:
	go vet ./...
	$(GOLANGCI_LINT) run ./...

fmt:
	gofmt -w $$(git ls-files '*.go')

bench:
	go test -run '^$$' -bench . ./...

# Every fuzz target for FUZZTIME each.
fuzz:
	@set -e; for f in $$(grep -rlE '^func Fuzz' --include='*_test.go' .); do \
		for t in $$(sed -nE 's/^func (Fuzz[A-Za-z0-9_]*).*/\1/p' $$f); do \
			echo "== $$t in $$(dirname $$f)"; \
			go test -run '^$$' -fuzz "^$$t\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s ./$$(dirname $$f); \
		done; \
	done

# A training that is killed fifty times and resumed; every fault at every operation.
kills:
	XBM_KILLS=50 go test -count=1 -v -run 'Killed|NoFault' ./cmd/xbm ./trainer/run ./eval/index

# Fifty clients that search at once over the loopback: how fast answers come, and that memory stays.
load:
	XBM_LOAD=60s go test -count=1 -v -run TestLoad ./trainer/finder

# A training of 100,000 steps, which takes no more of anything as it goes on.
soak:
	XBM_SOAK=100000 go test -count=1 -v -timeout 2h -run Soak ./trainer/run

# The other sets of testdata/results, real data where its place is given: GROCERY (a folder, .zip or
# .tar), FASHION (the folder of Fashion-MNIST's files), FONTS (a folder of fonts).
results:
	go run ./cmd/xbm ablate --data glyphs-plain --memory 0,100% --batch 16,64 --seeds 3 --steps 4000 --start 500 --out runs/results-glyphs-plain
	test -z "$(GROCERY)" || go run ./cmd/xbm ablate --data "grocery:$(GROCERY)" --memory 0,100% --batch 32 --seeds 3 --steps 1000 --validate-every 200 --out runs/grocery
	test -z "$(FASHION)" || go run ./cmd/xbm ablate --data "idx:$(FASHION)" --memory 0,100% --batch 48 --per-class 16 --seeds 3 --steps 600 --start 100 --validate-every 300 --out runs/fashion
	test -z "$(FONTS)" || go run ./cmd/xbm ablate --data "fonts:$(FONTS)" --memory 0,100% --batch 64 --width 64 --seeds 1 --drift-every 0 --inspect-every 0 --out runs/fonts

# Why a small memory loses: how the loss is reduced, when the batch joins the memory, and each half of
# the memory's term alone, over memory × batch, with looks at where the gradient points. How long it
# takes is said first. Stopped, it goes on where it was. The table of testdata/results is of
# STEPS=400 START=80 SEEDS=3 MEMORIES=1%,10%,30%,50% BATCHES=64 REDUCTIONS=contrastive,contrastive:reduction=anchors.
STEPS ?= 1500
START ?= 200
SEEDS ?= 5
MEMORIES ?= 0.5%,1%,2%,5%,10%,30%,100%
BATCHES ?= 16,32,64
REDUCTIONS ?= contrastive,contrastive:reduction=anchors,contrastive:reduction=pairs,contrastive:reduction=sum
STUDY_DATA ?= glyphs

small-memories: build
	@study="bin/xbm ablate --data $(STUDY_DATA) --steps $(STEPS) --start $(START) --seeds $(SEEDS) --batch $(BATCHES) --direction-every 100"; \
	out=runs/small-memories; for pass in --dry-run ""; do \
		$$study $$pass --memory 0 --loss $(REDUCTIONS) --out $$out/none && \
		$$study $$pass --memory $(MEMORIES) --loss $(REDUCTIONS) --axis enqueue=last,first --out $$out/ways && \
		$$study $$pass --memory $(MEMORIES) --axis enqueue=last,first --memory-negative-weight 0 --out $$out/positives && \
		$$study $$pass --memory $(MEMORIES) --axis enqueue=last,first --memory-positive-weight 0 --out $$out/negatives || exit 1; \
	done; bin/xbm report $$out --out $$out/report.html

# The default grid, memory × batch with five seeds, and its report: a quarter of an
# hour on two cores, twice that with OMNIGLOT. Stopped, it goes on where it was.
ablation:
	go run ./cmd/xbm ablate --out runs/ablation-glyphs
	test -z "$(OMNIGLOT)" || go run ./cmd/xbm ablate --data "omniglot:$(OMNIGLOT)" --out runs/ablation-omniglot

# The ways to fill a memory and the cures of its drift, beside none, a plain ring, and a
# batch of the memory's size instead, which is made in chunks and so slow that it gets
# fewer steps. Of Omniglot too, where its place is given by OMNIGLOT.
cures:
	@set -e; go build -o bin/xbm ./cmd/xbm; for data in glyphs $(OMNIGLOT:%=omniglot:%); do \
		out=runs/cures-$${data%%:*}; rows=7828 steps=40; \
		test $$data = glyphs || { rows=1820 steps=150; }; \
		study="bin/xbm ablate --data $$data --batch 16,64 --seeds 3"; \
		$$study --memory 0,100% --out $$out/ring; \
		$$study --memory 100% --axis cure=xbn,axbn --out $$out/cured; \
		$$study --memory 100% --policy keyed --out $$out/keyed; \
		$$study --memory 100% --encoder momentum --out $$out/momentum; \
		$$study --memory 0 --batch $$rows --per-class 0 --chunk 64 --steps $$steps --validate-every 10 --out $$out/batch; \
		bin/xbm report $$out --out $$out/report.html; \
	done

# Without labels: MoCo and SimCLR.
unlabelled:
	go run ./cmd/xbm ablate --labels none --encoder momentum --batch 64 --memory 2048 --seeds 3 --steps 1000 --out runs/unlabelled/moco
	go run ./cmd/xbm ablate --labels none --batch 128 --memory 0 --seeds 3 --steps 400 --out runs/unlabelled/simclr
	go run ./cmd/xbm report runs/unlabelled --out runs/unlabelled/report.html

generate: ## the assembly, from its generator
	go generate ./...

# Faults planted one by one (go-gremlins), and how many the tests of their package catch.
# A line that says LIVED is one that no test would miss; NOT COVERED stands at the
# conditions of a switch, too, which Go's coverage does not count. Hours for all of it;
# PACKAGES says which.
PACKAGES ?= xbm xbm/spec xbm/loss xbm/miner eval trainer trainer/optim trainer/checkpoint
GREMLINS = go run github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

mutants:
	@set -e; for p in $(PACKAGES); do echo "== $$p"; \
		others=$$(cd $$p && for d in */; do test ! -d "$$d" || printf -- '-E ^%s ' "$$d"; done); \
		GOFLAGS=-short $(GREMLINS) unleash --workers 2 --timeout-coefficient 10 --output-statuses lctvsr $$others ./$$p; \
	done

.PHONY: build build-mpi test-mpi kills-mpi build-cuda ptx test-cuda libxbm wheel wheels pytest test exhaustive race lint fmt bench fuzz kills load soak generate results ablation small-memories cures unlabelled mutants studies questions question-classes question-noise question-margin question-batch question-pair-weights question-frozen asked-network starts enqueue

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
# SIZE=small MEMORIES=1%,10%,30%,50% BATCHES=64 REDUCTIONS=contrastive,contrastive:reduction=anchors.
ifeq ($(SIZE),small)
STEPS ?= 400
START ?= 80
SEEDS ?= 3
CLASSES ?= 20,80,655
DIMS ?= 16,256
NOISE ?= 0,0.2,0.4
SIZES ?= 8 64 512
MARGIN_MEMORIES ?= 0
STARTS ?= 0,80
ENOUGH ?= 2000
endif
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

# When the batch joins the memory, at the default length: the study that decides the default.
enqueue: build
	@study="bin/xbm ablate --data $(STUDY_DATA) --steps $(STEPS) --start $(START) --seeds $(SEEDS) --batch $(BATCHES)"; \
	out=runs/enqueue; for pass in --dry-run ""; do \
		$$study $$pass --memory 0 --out $$out/none && \
		$$study $$pass --memory 1%,10%,100% --axis enqueue=last,first --out $$out/ways || exit 1; \
	done; bin/xbm report $$out --out $$out/report.html

# When the memory is used first, filled before or not, at once or by a ramp: at the same steps, at the
# same images, and to convergence (a constant rate, until validation has not got better eight times).
STARTS ?= 0,auto,200,500
ENOUGH ?= 20000

starts: build
	@study="bin/xbm ablate --data $(STUDY_DATA) --seeds $(SEEDS) --batch 16,64"; out=runs/starts; \
	ways="--memory 100% --axis start=$(STARTS) --axis prefill=false,true --axis ramp=0,$(START)"; \
	for pass in --dry-run ""; do \
		for how in "steps --steps $(STEPS)" "images --steps $(STEPS) --equal images" \
			"convergence --steps $(ENOUGH) --schedule constant --patience 8"; do set -- $$how; to=$$out/$$1; shift; \
			$$study $$pass "$$@" --memory 0 --out $$to/none && \
			$$study $$pass "$$@" $$ways --out $$to/ways || exit 1; \
			test -n "$$pass" || bin/xbm report $$to --out $$to.html || exit 1; \
		done; \
	done

# The questions that this project grew from, each by one command with a page and figures: how long it
# takes is said first; stopped, it goes on where it was. SIZE=small is that of testdata/results, and
# any of the numbers may be given. OMNIGLOT is needed for the last.
questions: question-classes question-noise question-margin question-batch question-pair-weights question-frozen

CLASSES ?= 20,40,80,160,320,655
DIMS ?= 16,32,64,128,256,512
NOISE ?= 0,0.1,0.2,0.3,0.4
SIZES ?= 8 16 32 64 128 256 512
MARGIN_MEMORIES ?= 0,100%
PLAIN ?= tuplet-margin:margin_degrees=0
MARGIN ?= tuplet-margin:margin_degrees=5.73
ASKED = runs/questions
QUESTION = bin/xbm ablate --steps $(STEPS) --start $(START) --seeds $(SEEDS) --validate-every 100 --drift-every 0 --inspect-every 0

# Classes against dimension: where does a loss with a margin overtake the same one without?
question-classes: build
	@for pass in --dry-run ""; do \
		$(QUESTION) --data $(STUDY_DATA) $$pass --memory 0 --batch 32 --axis train-classes=$(CLASSES) --axis dim=$(DIMS) --loss $(PLAIN),$(MARGIN) --out $(ASKED)/classes || exit 1; \
	done

# Wrong labels: does a memory, or a margin, make them worse?
question-noise: build
	@out=$(ASKED)/noise; for pass in --dry-run ""; do \
		$(QUESTION) --data $(STUDY_DATA) $$pass --memory 0,100% --batch 32 --axis label-noise=$(NOISE) --loss contrastive --out $$out/memory && \
		$(QUESTION) --data $(STUDY_DATA) $$pass --memory 0 --batch 32 --axis label-noise=$(NOISE) --loss $(PLAIN),$(MARGIN) --out $$out/margin || exit 1; \
	done; bin/xbm report $$out --out $$out/report.html

# The margin set to what is measured, the statistical margin on the validation classes of the first
# run with the default, beside others.
question-margin: build
	@triplet=triplet:distance=cosine,margin; out=$(ASKED)/margin; \
	study="$(QUESTION) --data $(STUDY_DATA) --memory $(MARGIN_MEMORIES) --batch 32"; \
	for pass in --dry-run ""; do \
		$$study $$pass --loss $$triplet=0.05,$$triplet=0.1,$$triplet=0.2,$$triplet=0.4 --out $$out/margins || exit 1; \
	done; \
	measured=$$(bin/xbm eval $$out/margins/*margin=0.1_memory-0_*_seed-1 --part validation --json | sed -n 's/.*"statistical_margin": *\([0-9.]\{5\}\).*/\1/p'); \
	echo "measured: $$measured"; $$study --loss $$triplet=$$measured --out $$out/measured && \
	bin/xbm report $$out --out $$out/report.html

# Batch sizes at the same number of images, each at a rate that grows with the root of its size.
question-batch: build
	@out=$(ASKED)/batch; for pass in --dry-run ""; do for size in $(SIZES); do \
		rate=$$(awk "BEGIN { printf \"%.2g\", 0.003 * sqrt($$size / 32) }"); \
		$(QUESTION) --data $(STUDY_DATA) $$pass --memory 0,100% --batch $$size --equal images --lr $$rate --out $$out/$$size || exit 1; \
	done; done; bin/xbm report $$out --out $$out/report.html

# One run, whose embeddings the next two look at.
asked-network: build
	@$(QUESTION) --data $(STUDY_DATA) --memory 100% --batch 32 --seeds 1 --out $(ASKED)/network

# How every loss weighs the same pairs.
question-pair-weights: asked-network
	bin/xbm eval $(ASKED)/network/*_seed-1 --part train --pair-weights --full=false --force --out $(ASKED)/pair-weights

# Features of a network that has learnt something else, frozen, with simple classifiers, beside
# training from them and from nothing.
question-frozen: asked-network
	@test -n "$(OMNIGLOT)" || { echo "question-frozen: give OMNIGLOT=PATH, Omniglot's zips or folders"; exit 1; }; \
	out=$(ASKED)/frozen; study="$(QUESTION) --data omniglot:$(OMNIGLOT) --memory 0,100% --batch 32"; \
	for pass in --dry-run ""; do \
		$$study $$pass --out $$out/nothing && \
		$$study $$pass --weights $(ASKED)/network/*_seed-1/weights.safetensors --out $$out/frozen || exit 1; \
	done; bin/xbm report $$out --out $$out/report.html

# Everything in testdata/results, from nothing: days on two cores at full size.
studies: ablation small-memories enqueue starts cures unlabelled results questions

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

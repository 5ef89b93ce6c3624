.PHONY: build test race lint fmt bench fuzz kills soak generate results ablation

GOLANGCI_LINT = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.12.2
FUZZTIME ?= 60s

build: ## the command, as bin/xbm
	go build -o bin/xbm ./cmd/xbm

test:
	go test ./...

race:
	go test -race -short ./...

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
	XBM_KILLS=50 go test -count=1 -v -run 'Killed|NoFault' ./cmd/xbm

# A training of 100,000 steps, which takes no more of anything as it goes on.
soak:
	XBM_SOAK=100000 go test -count=1 -v -timeout 2h -run Soak ./cmd/xbm

# The tables of README: 36 runs, about half an hour on two cores. OMNIGLOT is the
# folder of Omniglot's zips; without it, that table is left out.
results:
	go run ./cmd/xbm ablate $(RESULTS) --out runs/results-glyphs
	go run ./cmd/xbm ablate $(RESULTS) --data glyphs-plain --out runs/results-glyphs-plain
	test -z "$(OMNIGLOT)" || go run ./cmd/xbm ablate $(RESULTS) --data "omniglot:$(OMNIGLOT)" --out runs/results-omniglot

RESULTS = --memory 0,100% --batch 16,64 --seeds 3 --steps 4000 --start 500

# The default grid, memory × batch with five seeds, and its report: a quarter of an
# hour on two cores, twice that with OMNIGLOT. Stopped, it goes on where it was.
ablation:
	go run ./cmd/xbm ablate --out runs/ablation-glyphs
	test -z "$(OMNIGLOT)" || go run ./cmd/xbm ablate --data "omniglot:$(OMNIGLOT)" --out runs/ablation-omniglot

generate: ## the assembly, from its generator
	go generate ./...

# Atelier. `make help` lists what there is.

GO      ?= go
TEXT    ?= a joyful old man who just met his grandchild
DATA    ?= data
FUZZ    ?= 10s
RACE    := ./core/plan/... ./core/engine/... ./core/plugin/...
PLUGINS := $(notdir $(patsubst %/,%,$(wildcard plugins/*/)))
BUILD   := $(GO) build -trimpath -ldflags="-s -w"

.PHONY: help build run test check race bench fuzz generate ptx train gpu test-gpu test-mock bench-gpu vet-gpu symbols cuda-header clean
.DEFAULT_GOAL := help

# The GPU build. cu is linked with the trampoline library, never with the
# driver: the binary starts where there is none. CUDA names a folder with cuda.h.
CUDA        ?=
TRAMPOLINE  := core/device/gpu/trampoline
GPU_LIBRARY := bin/gpu/libcuda.a
GPU_ENV      = CGO_ENABLED=1 $(if $(CUDA),CGO_CFLAGS="-g -O2 -I$(CUDA)") CGO_LDFLAGS="-L$(CURDIR)/bin/gpu -ldl"

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

build: ## Build the command and the plugins into bin/
	$(BUILD) -o bin/atelier ./cmd/atelier
	@for p in $(PLUGINS); do echo '$(BUILD)' "-o bin/plugins/$$p ./plugins/$$p"; $(BUILD) -o bin/plugins/$$p ./plugins/$$p || exit 1; done

run: build ## Build, then make a portrait and a painting of TEXT into out/
	@mkdir -p out
	bin/atelier run scripts/firstlight.lua text="$(TEXT)" out=out

test: check ## Format, vet, all tests, and the race detector where goroutines meet
	$(GO) test ./...
	$(MAKE) --no-print-directory race

check:
	@files=$$(gofmt -l cmd core plugins); if [ -n "$$files" ]; then echo "gofmt would change:"; echo "$$files"; exit 1; fi
	$(GO) vet ./...

race:
	CGO_ENABLED=1 $(GO) test -race $(RACE)
	CGO_ENABLED=1 $(GO) test -race -run 'Deadline|Steps|Read' ./core/recipe
	CGO_ENABLED=1 $(GO) test -race -run 'Parallel|Pool|Worker' ./core/kernel
	CGO_ENABLED=1 $(GO) test -race -run 'Resume|GANStep|Loop|Feed|Lock' ./core/autodiff
	CGO_ENABLED=1 $(GO) test -race -run 'Feeder|Aside' ./core/portrait/training
	CGO_ENABLED=1 $(GO) test -race -run 'ConcurrentRuns|LostDevice' ./core/device/gpu
	CGO_ENABLED=1 $(GO) test -race -run 'TilesAhead' ./core/style
	CGO_ENABLED=1 $(GO) test -race -run 'Resume|Cancel' ./core/portrait/faces

bench: build ## Print GFLOP/s of kernels and networks and the share of the measured peak
	bin/atelier bench

fuzz: ## Run every fuzz target for FUZZ (10s)
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
	    echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZ) $$p || exit 1; \
	  done; \
	done

generate: ## Rebuild generated kernels, protocol code and the reference of recipes
	$(GO) run ./core/kernel/gen -out core/kernel/zz_kernels_amd64.s -stubs core/kernel/zz_kernels_amd64.go -pkg kernel
	$(GO) run ./core/kernel/gen/elementwise -out core/kernel/zz_elementwise_amd64.s -stubs core/kernel/zz_elementwise_amd64.go -pkg kernel
	$(GO) generate ./...
	$(GO) run ./cmd/atelier help recipes > docs/recipes.md.tmp && mv docs/recipes.md.tmp docs/recipes.md

ptx: ## Rebuild the GPU kernels' PTX from their CUDA sources, with nvcc of CUDA 11.8
	cd core/device/cuda && $(GO) run ./gen

train: build ## Train analyzer, portraits and styles on the folders under DATA
	bin/atelier train sentiment --data $(DATA)/text --measure heldout=core/sentiment/testdata/heldout.tsv --measure tuning=core/sentiment/grammar/tuning.tsv
	bin/atelier train portrait --data $(DATA)/faces
	bin/atelier train features --data $(DATA)/style
	bin/atelier train style --data $(DATA)/style
	bin/atelier train upscale --data $(DATA)

gpu: $(GPU_LIBRARY) cuda-header ## Build bin/atelier for NVIDIA GPUs too, and the plugins
	@$(MAKE) --no-print-directory build
	$(GPU_ENV) $(BUILD) -tags gpu -o bin/atelier ./cmd/atelier

test-gpu: bin/gpu/gpu.test ## Test kernels, networks and training on this machine's GPU
	cd core/device/gpu && $(CURDIR)/bin/gpu/gpu.test -test.run '^TestGPU' -test.v

bench-gpu: bin/gpu/gpu.test ## Measure kernels and networks on the GPU, beside PyTorch where it is
	cd core/device/gpu && $(CURDIR)/bin/gpu/gpu.test -test.run '^$$' -test.bench '^BenchmarkGPU' -test.benchtime 20x
	@if python3 -c 'import torch' 2>/dev/null; then python3 core/device/gpu/testdata/torchbench.py; else echo "python3 has no torch: its times are left out"; fi

test-mock: bin/gpu/gpu.test ## Test the way through cu with a driver in C: needs no GPU
	@mkdir -p bin/gpu/mock
	$(CC) -std=gnu11 -O1 -Wall -Wextra -shared -fPIC -o bin/gpu/mock/libcuda.so.1 $(TRAMPOLINE)/mock.c
	@for m in devices:2 launch:719 memory:2000000 context:2; do echo "MOCK_CUDA=$$m"; \
	  (cd core/device/gpu && LD_LIBRARY_PATH=$(CURDIR)/bin/gpu/mock MOCK_CUDA=$$m $(CURDIR)/bin/gpu/gpu.test -test.run '^TestMock') || exit 1; done

.PHONY: bin/gpu/gpu.test
bin/gpu/gpu.test: $(GPU_LIBRARY) cuda-header
	$(GPU_ENV) $(GO) test -c -tags gpu -o $@ ./core/device/gpu

vet-gpu: $(GPU_LIBRARY) cuda-header
	$(GPU_ENV) $(GO) vet -tags gpu ./core/device/... ./core/engine ./cmd/atelier

$(GPU_LIBRARY): $(TRAMPOLINE)/trampoline.c $(TRAMPOLINE)/trampoline.h $(TRAMPOLINE)/symbols.h
	@mkdir -p bin/gpu
	$(CC) -std=gnu11 -O2 -fPIC -Wall -Wextra -c $(TRAMPOLINE)/trampoline.c -o bin/gpu/trampoline.o
	$(AR) rcs $@ bin/gpu/trampoline.o

# symbols.h lists what cu and our own files ask of the driver.
symbols: $(GPU_LIBRARY) cuda-header
	@{ echo '// The entry points of the driver that gorgonia.org/cu and core/device/gpu call. make symbols writes this list anew.'; \
	  for p in gorgonia.org/cu ./core/device/gpu; do nm $$($(GPU_ENV) $(GO) list -tags gpu -export -f '{{.Export}}' $$p) 2>/dev/null; done \
	  | sed -n 's/^ *U \(cu[A-Z][A-Za-z0-9_]*\)$$/\1/p' | grep -vxE 'cuAllocAndCopy|cuDeviceGetAttributes|cuLaunchAndSync' \
	  | LC_ALL=C sort -u | sed 's/.*/X(&)/'; } > $(TRAMPOLINE)/symbols.h.tmp && mv $(TRAMPOLINE)/symbols.h.tmp $(TRAMPOLINE)/symbols.h

cuda-header:
	@printf '#include <cuda.h>\n' | $(CC) $(if $(CUDA),-I$(CUDA)) -I/usr/local/cuda/include -I/opt/cuda/include -E - >/dev/null 2>&1 || { \
	  echo "make: cuda.h is missing; only this header of CUDA is needed, of version 11 or newer."; \
	  echo "  Debian, Ubuntu: apt-get install nvidia-cuda-dev (Debian: component non-free of the sources)"; \
	  echo "  elsewhere:      the headers of the CUDA toolkit; name their folder if it is not /usr/local/cuda/include: make gpu CUDA=FOLDER"; exit 1; }

clean: ## Remove what build and run made
	rm -rf bin out

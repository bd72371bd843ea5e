# Atelier. `make help` lists what there is.

GO      ?= go
TEXT    ?= a joyful old man who just met his grandchild
DATA    ?= data
FUZZ    ?= 10s
RACE    := ./core/plan/... ./core/engine/... ./core/plugin/...
PLUGINS := $(notdir $(patsubst %/,%,$(wildcard plugins/*/)))
BUILD   := $(GO) build -trimpath -ldflags="-s -w"

.PHONY: help build run test check race bench fuzz generate train clean
.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-10s %s\n' "$$name" "$$what"; done

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
	CGO_ENABLED=1 $(GO) test -race -run 'Resume|GANStep|Loop' ./core/autodiff

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

train: build ## Train analyzer, portraits and styles on the folders under DATA
	bin/atelier train sentiment --data $(DATA)/text --measure heldout=core/sentiment/testdata/heldout.tsv --measure tuning=core/sentiment/grammar/tuning.tsv
	bin/atelier train portrait --data $(DATA)/faces
	bin/atelier train features --data $(DATA)/style
	bin/atelier train style --data $(DATA)/style

clean: ## Remove what build and run made
	rm -rf bin out

# Plain `make` prints what it can do.
GO      ?= go
BIN     := $(CURDIR)/bin
LINT    := $(BIN)/golangci-lint
LINT_VERSION := v2.15.0
FUZZTIME ?= 30s
SEED    ?= 1
VRP     ?= ../shared/data/vrp
PART    ?=
PARTS   := route roads names ledger pages
ENTRIES ?= 1000000
SCALE   ?= 1
LISTEN  ?= 127.0.0.1:8080
DATA    ?= tmp/data
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# One static binary: nothing of ours or of a library's is C.
export CGO_ENABLED := 0
# Where this user may install system packages: root itself, or through sudo.
SUDO    := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.DEFAULT_GOAL := help
.PHONY: help run demo test check lint fuzz bench bench-rebuild bench-apart bench-bundle gen assets release tools $(PARTS:%=bench-%)

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: assets ## start a centre on this machine; its data are in DATA (tmp/data)
	$(GO) run ./cmd/jumyla serve --data $(DATA) --listen $(LISTEN)

demo: assets ## open a working afternoon with invented people
	$(GO) run ./cmd/jumyla demo --listen $(LISTEN) --seed $(SEED)

test: tools assets ## every test, those in a real browser too
	$(GO) test ./...

check: gen lint test ## all that CI does
	$(GO) vet ./...
	$(GO) build ./...
	git diff --exit-code -- '*_templ.go' package-lock.json

lint: $(LINT) ## golangci-lint with the rules of the house
	$(LINT) run ./...

fuzz: ## every fuzz target for FUZZTIME (30s)
	@grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u | while read -r dir; do \
	  $(GO) test "$$dir" -list '^Fuzz' | grep '^Fuzz' | while read -r target; do \
	    echo "$$dir $$target"; $(GO) test "$$dir" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) || exit 1; \
	  done || exit 1; \
	done

bench: assets ## one table of what a front office notices; PART=route, roads, names, ledger, pages or all measures an engine too; make bench-bundle a stick's file; make bench-rebuild or bench-apart a ledger of ENTRIES (1000000)
	@mkdir -p tmp && $(GO) build -ldflags '-s -w' -o tmp/bench-jumyla ./cmd/jumyla
	@$(GO) test ./internal/app -run '^TestFigures$$' -count=1 -timeout 30m -figures '$(CURDIR)/tmp/figures.md' -program '$(CURDIR)/tmp/bench-jumyla' -scale $(SCALE) > tmp/bench.log || { cat tmp/bench.log; exit 1; }
	@for dir in ./internal/exchange ./internal/exchange/link; do \
	  $(GO) test $$dir -run '^TestFigures$$' -count=1 -figures '$(CURDIR)/tmp/figures.md' > tmp/bench.log || { cat tmp/bench.log; exit 1; }; done
	@cat tmp/figures.md
	@for part in $(if $(filter all,$(PART)),$(PARTS),$(PART)); do $(MAKE) --no-print-directory bench-$$part || exit 1; done

# The engines, each by itself; with the sets in VRP (../shared/data/vrp) routing against the best known plans, with JUMYLA_COUNTRY=5000000
# roads of that many nodes.
bench-route:
	@echo '# route' && $(GO) test -run '^$$' -bench . -benchmem ./route/... ./internal/dispatch
	@if [ -d "$(VRP)" ]; then $(GO) run ./cmd/jumyla bench table "$(VRP)" --times 1s,5s; \
	  else echo "no $(VRP): the engine is not measured against the best known plans"; fi
bench-roads:
	@echo '# roads' && $(GO) test -run '^$$' -bench . -benchmem ./roads/... ./internal/area ./internal/web/chart
bench-names:
	@echo '# names' && $(GO) test -run '^$$' -bench . -benchmem ./names/... ./internal/volunteer ./internal/intake/where
bench-ledger:
	@echo '# ledger' && $(GO) test -run '^$$' -bench . -benchmem ./ledger/... ./internal/store ./internal/exchange/...
# A busy centre's tables built anew from ENTRIES; writing those takes longer than what is measured.
bench-rebuild:
	@echo '# rebuild' && $(GO) test ./internal/app -run '^TestRebuildOfMany$$' -count=1 -timeout 60m -entries $(ENTRIES) -v | grep '|'
# A bundle of 100,000 entries with their sealed bodies: written, verified, imported; a row of the table that `make bench` prints too.
bench-bundle:
	@mkdir -p tmp && $(GO) test ./internal/exchange -run '^TestFigures$$' -count=1 -figures '$(CURDIR)/tmp/bundle.md' -v | grep '|'
# Twenty centres that write ENTRIES together, and the last one that calls after five days over a weak link.
bench-apart:
	@echo '# apart' && $(GO) test ./internal/exchange/link -run '^TestFiveDaysApart$$' -count=1 -timeout 120m -entries $(ENTRIES) -v | grep '|'
bench-pages:
	@echo '# paper and tables' && $(GO) test -run '^$$' -bench . -benchmem ./internal/print ./internal/tabular ./internal/intake ./internal/rule ./internal/demo

gen: ## generated code: templates
	$(GO) tool templ generate -path internal

assets: node_modules/.package-lock.json ## bundle the browser code into internal/web/assets/dist
	@find internal/web/assets/dist -type f ! -name .keep -delete
	npm run --silent assets

release: assets ## static binaries of every platform in bin/
	@for target in linux/amd64 linux/arm64 windows/amd64 darwin/arm64; do \
	  os=$${target%/*}; arch=$${target#*/}; ext=; [ $$os = windows ] && ext=.exe; \
	  echo "bin/jumyla-$(VERSION)-$$os-$$arch$$ext"; \
	  GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -ldflags '-s -w' -o "bin/jumyla-$(VERSION)-$$os-$$arch$$ext" ./cmd/jumyla || exit 1; \
	done

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# Chromium for the tests in a real browser, pdftotext for what is printed; where they cannot be installed those tests skip, by name.
tools:
	@command -v pdftotext >/dev/null || { { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; } && $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends poppler-utils; } || \
	  echo "no pdftotext and no way to install it: the tests that read printed text will skip"
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; } && $(SUDO) apt-get update -q && $(SUDO) apt-get install -qy --no-install-recommends chromium fonts-noto-core; } || \
	  echo "no Chromium and no way to install it: the tests that need a browser will skip"

$(LINT):
	GOBIN=$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

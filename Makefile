# The front door. `make` alone lists what there is.
#
# Variables: JOBS (parallel jobs), ONLY and RUNS (make bench: figures that begin so, medians of so many runs), FUZZ_SECONDS
# (make fuzz: per target), PREFIX, SYSCONFDIR and DESTDIR (make install), RUN_DIR and CONFIG (make run), CMAKE_ARGS (passed on to cmake).
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-print-directory --no-builtin-rules
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 30
ONLY ?=
RUNS ?= 3
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
CONFIG ?= deploy/connectsphere.conf

# CMakeLists.txt starts the compiler through ccache, which needs a home; without one the cache stays in the tree.
ifeq ($(HOME),)
export CCACHE_DIR ?= $(CURDIR)/build/ccache
endif

sources = $(shell find lib services client-cli client-gui tests -name '*.[ch]pp' 2>/dev/null)
scripts = deploy/connectsphere deploy/install-packages deploy/completion/connectsphere.bash .ci/run $(wildcard tests/*/*.sh)

# A terminal gets ninja's progress; anything else the log of a build that failed.
build = if [ -t 1 ]; then cmake --build build/$(1) --parallel $(JOBS) --target $(2); else \
    cmake --build build/$(1) --parallel $(JOBS) --target $(2) >build/$(1)/build.log 2>&1 || \
    { cat build/$(1)/build.log; exit 1; }; fi
ctest = ctest --test-dir build/$(1) --output-on-failure --parallel $(JOBS)

.PHONY: help
help:  ## this list
	@echo 'ConnectSphere: video conferencing for the local network'
	@echo
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
	    while IFS='|' read -r target purpose; do printf '  make %-12s %s\n' "$$target" "$$purpose"; done

.PHONY: run
run: packages-run build/release/build.ninja  ## build the server and run it here; Ctrl-C stops it
	@$(call build,release,programs)
	@BIN_DIR=build/release/bin deploy/connectsphere --config $(CONFIG) up --foreground

.PHONY: test
test: packages-test build/dev/build.ninja  ## build everything and run all tests
	@$(call build,dev,all)
	@$(call ctest,dev)

.PHONY: test-long
test-long: packages-test build/dev/build.ninja  ## files: 50 deaths each way, 2 GiB, more than 4 GiB (12 GiB free in TMPDIR, half an hour)
	@$(call build,dev,programs)
	@CS_FILES_KILLS=50 python3 -B tests/e2e/test_files_deaths.py
	@CS_FILES_LARGE=2048 CS_FILES_HUGE=1 python3 -B tests/e2e/test_files.py

.PHONY: check
check: test packages-check format-check lint  ## test, and look at format and lint: what a change must pass

.PHONY: browser-test
browser-test: packages-browser build/dev/build.ninja  ## drive the status page in headless Chromium; pictures in build/dev/browser
	@$(call build,dev,programs)
	@tests/browser/status_page_test.py build/dev/bin build/dev/browser

.PHONY: bench microbench
bench: packages-bench build/release/build.ninja  ## measure it (ONLY=audio: figures that begin so)
	@$(call build,release,programs benches)
	@tests/bench/run.py --build build/release --only '$(ONLY)' --runs $(RUNS) --report build/bench/report.json
microbench: packages-bench build/release/build.ninja  ## measure single functions (ONLY=name: a part of a name)
	@$(call build,release,microbenches)
	@shopt -s nullglob; for program in build/release/bin/bench_*; do \
	    [[ $$program != *'$(ONLY)'* ]] || "$$program"; \
	done

.PHONY: fuzz
fuzz: packages-test build/fuzz/build.ninja  ## fuzz each parser for FUZZ_SECONDS (30)
	@$(call build,fuzz,fuzzers)
	@shopt -s nullglob; \
	for program in build/fuzz/bin/fuzz_*; do \
	    name=$${program##*/fuzz_}; \
	    [[ $$name == *'$(ONLY)'* ]] || continue; \
	    echo "fuzzing $$name for $(FUZZ_SECONDS) s"; \
	    mkdir -p build/fuzz/corpus/$$name; \
	    "$$program" -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=2048 -verbosity=0 -print_final_stats=1 \
	        -artifact_prefix=build/fuzz/ build/fuzz/corpus/$$name tests/fuzz/corpus/$$name 2>&1 | \
	        { grep -vE '^(INFO|stat::(new|slow|peak))' || true; }; \
	done

.PHONY: demo
demo: packages-run build/release/build.ninja  ## a whole conference on this machine, with voices and clips, and its proof
	@$(call build,release,programs)
	@command -v python3 >/dev/null || deploy/install-packages test
	@BIN_DIR=build/release/bin python3 -B tests/e2e/demo.py

.PHONY: gui
gui: packages-gui build/release/build.ninja  ## build the window and open it
	@cmake --preset release >/dev/null  # which may have been made without the window
	@$(call build,release,connectsphere-gui)
	@build/release/bin/connectsphere-gui

.PHONY: asan tsan
asan: packages-test build/asan/build.ninja  ## all tests under AddressSanitizer and UBSan
	@$(call build,asan,all)
	@$(call ctest,asan)
tsan: packages-test build/tsan/build.ninja  ## all tests under ThreadSanitizer
	@$(call build,tsan,all)
	@TSAN_OPTIONS="suppressions=$(CURDIR)/tests/tsan.supp $${TSAN_OPTIONS:-}" $(call ctest,tsan)

.PHONY: format format-check lint
format: packages-check  ## format all C++ files
	@clang-format -i $(sources)
format-check: packages-check
	@clang-format --dry-run --Werror $(sources) && echo 'format: $(words $(sources)) files are right'
lint: packages-check build/dev/build.ninja  ## clang-tidy, includes, scripts (ONLY=path: only files with this in their path)
	@tests/lint/include_lint.py
	@shellcheck $(scripts) && echo 'shellcheck: $(words $(scripts)) scripts are right'
	@$(call build,dev,cs_proto)
	@run-clang-tidy -quiet -p build/dev -j $(JOBS) '^$(CURDIR)/(lib|services|client-).*$(ONLY)' > build/dev/tidy.log 2>&1 || \
	    { grep -E '(warning|error):' -A 4 build/dev/tidy.log; exit 1; }
	@echo 'clang-tidy: nothing found'

.PHONY: install
install: packages-run build/release/build.ninja  ## install under PREFIX (/usr/local), below DESTDIR
	@$(call build,release,programs)
	@DESTDIR='$(DESTDIR)' cmake -DCMAKE_INSTALL_PREFIX='$(PREFIX)' -DSYSCONFDIR='$(SYSCONFDIR)' \
	    -P build/release/cmake_install.cmake | { grep -v '^-- Up-to-date' || true; }

.PHONY: clean
clean:  ## remove everything that was built
	@rm -rf build

.PHONY: packages-run packages-gui packages-test packages-check packages-bench packages-browser
packages-run packages-gui packages-test packages-check packages-bench packages-browser: packages-%:
	@deploy/install-packages $*

# Ninja runs cmake again by itself when a CMakeLists.txt changes; the presets it does not watch.
build/%/build.ninja: CMakePresets.json | packages-run
	@mkdir -p build/$*
	@cmake --preset $* $(CMAKE_ARGS) > build/$*/configure.log 2>&1 || { cat build/$*/configure.log; exit 1; }
	@touch $@
.PRECIOUS: build/%/build.ninja

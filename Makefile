# One line per target; the work is in scripts/, tools/ and bench/.
.PHONY: help build test bench fmt tidy asan fuzz check
help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-6s %s\n", $$1, $$2}' Makefile
build:  ## install what is missing and build build/release/graft
	@scripts/build
test:  ## build, check the layers, run every test
	@scripts/test
bench: build  ## start-up, and fit compared with Python, cold and warm (bench/README.md)
	@bench/run.py startup && bench/run.py fit && bench/run.py fit --warm
fmt:  ## format the C++ sources
	@scripts/fmt
tidy:  ## clang-tidy on the sources changed since the last commit
	@scripts/tidy
asan:  ## build and test with the address and undefined-behavior sanitizers
	@scripts/test asan
fuzz:  ## look for files that break a parser, a minute for each
	@scripts/fuzz
check:  ## what a change must pass before the tests: layers, format, clang-tidy
	@tools/check_layers && scripts/fmt --check && scripts/tidy

# SPDX-License-Identifier: GPL-2.0-only
#
# The front door. What is built, and from what, stands in meson.build and
# kernel/build.sh; this file installs what is missing and calls them.

PREFIX ?= /usr/local
DESTDIR ?=
BUILD := build
NINJA := ninja -C $(BUILD)
MESON_ARGS := $(if $(CI),-Dwerror=true)

# The file system tools are not in every user's path.
export PATH := $(PATH):/usr/sbin:/sbin

.PHONY: all demo check stress endurance crash suites bench bench-shadow bench-trace bench-storage bench-peers lint images install clean
.NOTPARALLEL:

all: deps-build $(BUILD)/build.ninja
	+@$(NINJA)

# Programs of a musl and of a Debian image on a kernel inside kbox.
demo: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) all images
	@scripts/demo $(BUILD)

check: deps-build deps-images deps-test $(BUILD)/build.ninja
	+@$(NINJA) all images images-programs
	@scripts/check $(BUILD)

# What "make check" runs for seconds, for a minute each.
stress: deps-build deps-images deps-test $(BUILD)/build.ninja
	+@$(NINJA) all images images-programs
	@KBOX_STRESS_SECONDS=60 tests/run $(BUILD) --filter 'stress/*'

# Ten minutes each: mixed work that goes on, and random system calls.
endurance: deps-build deps-images deps-test $(BUILD)/build.ninja
	+@$(NINJA) all images images-programs
	@KBOX_STRESS_SECONDS=600 tests/run $(BUILD) --as-user --filter 'stress/[et]*'

# All of the suites that others wrote, and docs/suites.md from their results.
suites: deps-build deps-images deps-test $(BUILD)/build.ninja
	+@$(NINJA) all images
	@tests/suites/measure $(BUILD)

# kbox killed, and the power cut, as often as it takes to believe it.
crash: deps-build deps-images deps-test $(BUILD)/build.ninja
	+@$(NINJA) all images images-programs
	@KBOX_CRASH_KILLS=300 KBOX_POWER_CUTS=100 tests/run $(BUILD) --as-user --filter 'integration/crash-*'

bench: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) all images
	@bench/run $(BUILD)

# The shadow cache alone: what mapping a file costs with it, without, natively.
bench-shadow: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) all images
	@bench/shadow $(BUILD)

# What statistics and traces cost.
bench-trace: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) all images
	@bench/trace $(BUILD)

# Files of an image beside files of the host's own file system.
bench-storage: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) all images images-programs
	@bench/storage $(BUILD) --json $(BUILD)/storage.json

# kbox beside bubblewrap, proot, User Mode Linux and gVisor, whichever are there.
bench-peers: deps-build deps-images deps-peers $(BUILD)/build.ninja
	+@$(NINJA) all images
	@bench/peers $(BUILD) --json $(BUILD)/peers.json --svg $(BUILD)/peers.svg

images: deps-build deps-images $(BUILD)/build.ninja
	+@$(NINJA) images

lint: deps-test
	@scripts/lint

# Does not rebuild, so that "sudo make install" leaves no file of root's here.
install:
	@[ -x $(BUILD)/kbox ] || $(MAKE) all
	install -D -m 755 $(BUILD)/kbox $(DESTDIR)$(PREFIX)/bin/kbox
	install -D -m 644 $(BUILD)/kbox-lkernel-types.o $(DESTDIR)$(PREFIX)/bin/.debug/kbox-lkernel-types.o
	objcopy --only-keep-debug $(BUILD)/kbox $(DESTDIR)$(PREFIX)/bin/.debug/kbox.debug
	objcopy --strip-all --add-gnu-debuglink=$(DESTDIR)$(PREFIX)/bin/.debug/kbox.debug $(DESTDIR)$(PREFIX)/bin/kbox
	install -D -m 644 scripts/gdb/kbox.py $(DESTDIR)$(PREFIX)/share/kbox/gdb/kbox.py
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 man/*.1
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man5 man/*.5
	install -D -m 644 completions/kbox.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/kbox
	install -D -m 644 completions/_kbox $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_kbox
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man7 man/*.7

# The cache of a user without a home lies in $(BUILD)/cache and stays.
clean:
	@[ ! -d $(BUILD) ] || find $(BUILD) -mindepth 1 -maxdepth 1 \
		! -name cache -exec rm -rf {} +


deps-%:
	@scripts/install-deps $*

$(BUILD)/build.ninja: | deps-build
	@meson setup $(BUILD) $(MESON_ARGS)

# SPDX-License-Identifier: GPL-2.0-only
# ipcmap: see README.md. `make` builds, and never calls a package manager.
#
#   make                 ./ipcmap
#   sudo make map        installs what the build misses (apt), builds, traces for ten seconds: system.svg
#   sudo make check      installs what the tests miss (apt), builds, runs them all; guests at the end, but for NO_VM=1
#   make check-stress    many processes, many sockets, a soak of half an hour
#   make check-unit      the unit tests alone: no root needed
#   sudo make check-vm   the live tests on stock Debian kernels under QEMU, once per flavour; KERNEL="6.1 5.10" chooses
#   make bpf-arm64       the BPF side for arm64: clang alone is needed
#   sudo make check-vm-arm64  all factories on a stock arm64 kernel under QEMU, cross-built
#   sudo make bench      what tracing costs, beside other tracers (about three minutes)
#   sudo make bench-dump how many events ipcdump writes in a second, beside others
#   make bench-render    what drawing costs (about two minutes)
#   sudo make bench-vm   instructions that tracing adds to an event, in a guest that counts them; RECORD=1 keeps them
#   make bench-diff      how long the difference of two large maps takes; fails above a second
#   make static          build/static/ipcmap: traces anywhere, writes JSON; no Graphviz in it
#   make deb             build/deb/ipcmap_*.deb, held against lintian
#   sudo make check-deb  that package, and the static program, on a bare Debian in a chroot
#   make install         PREFIX=/usr/local, DESTDIR=; and uninstall
#   make check-fuzz      each reader against made-up input, FUZZ_SECONDS=60 each
#   make check-analysis  cppcheck, clang-tidy and gcc -fanalyzer
#
# All that is generated lies in build/, but for ./ipcmap itself.

VERSION := 0.1.0
PREFIX ?= /usr/local
# Where styles are looked for, besides the working folder and ~/.config/ipcmap.
SHARE ?= $(PREFIX)/share/ipcmap
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/ipcmap
BASHDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
FISHDIR ?= $(PREFIX)/share/fish/vendor_completions.d

CC ?= cc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
PKG_CONFIG ?= pkg-config
BPFTOOL ?= $(shell tools/deps.sh bpftool)

B := build
# Where this build's objects go, and what it adds to the compiler's options:
# `make SANITIZE=1` builds the same tree beside the plain one.
ifdef FUZZ
O := $(B)/fuzz
CC := $(CLANG)
# clang alone takes NULL + 0 for an overflow of pointers; the language allows it (C2y, N3322).
VARIANT := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=pointer-overflow \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1
IPCMAP := $(O)/ipcmap
else ifdef SANITIZE
O := $(B)/asan
VARIANT := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer -O1
IPCMAP := $(O)/ipcmap
else ifdef ARM64
# For another machine than this one: with Debian's libraries, tests/vm/sysroot.
O := $(B)/arm64
STATIC := 1
SYSROOT := $(O)/sysroot
CC := aarch64-linux-gnu-gcc
AR := aarch64-linux-gnu-ar
PKG_CONFIG := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/aarch64-linux-gnu/pkgconfig pkg-config
LDFLAGS += -static
VARIANT := -DIPCMAP_STATIC -DIPCMAP_NO_DRAWING -ffunction-sections -fdata-sections \
	-isystem $(SYSROOT)/usr/include -isystem $(SYSROOT)/usr/include/aarch64-linux-gnu
IPCMAP := $(O)/ipcmap
else ifdef STATIC
O := $(B)/static
VARIANT := -DIPCMAP_STATIC -DIPCMAP_NO_DRAWING -ffunction-sections -fdata-sections
IPCMAP := $(O)/ipcmap
else
O := $(B)
VARIANT :=
IPCMAP := ipcmap
endif
IPCDUMP := $(dir $(IPCMAP))ipcdump
# Where the skeletons and the tests' tools go: all builds for this machine share them.
K := $(if $(ARM64),$(O),$(B))

MODULES := libbpf libelf zlib jansson libseccomp
DRAWING_MODULES := libgvc libcgraph libpng libwebp libwebpmux

CFLAGS ?= -O2 -g -Wall -Wextra
IPCMAP_CFLAGS := -std=c11 -D_GNU_SOURCE $(CFLAGS) $(VARIANT) -MMD -MP -Isrc $(addprefix -I,$(K) $(if $(ARM64),$(B))) \
	$(shell $(PKG_CONFIG) --cflags $(MODULES) $(if $(STATIC),,$(DRAWING_MODULES)) 2>/dev/null)
ifdef STATIC
IPCMAP_LIBS := -static -Wl,--gc-sections $(shell $(PKG_CONFIG) --static --libs $(MODULES) 2>/dev/null) -lm
else
IPCMAP_LIBS := $(shell $(PKG_CONFIG) --libs $(MODULES) $(DRAWING_MODULES) 2>/dev/null) -lgif -lm
endif

# The BPF side is compiled for one machine's registers (struct pt_regs).
BPF_ARCH := $(shell echo $(if $(ARM64),aarch64,$$(uname -m)) | sed -e 's/x86_64/x86/' -e 's/aarch64/arm64/' -e 's/ppc64le/powerpc/' \
	-e 's/s390x/s390/' -e 's/riscv64/riscv/' -e 's/loongarch64/loongarch/' -e 's/^armv.*/arm/')
# Debian keeps <asm/types.h> where clang does not look when its target is bpf.
BPF_CFLAGS := -g -O2 -target bpf -D__TARGET_ARCH_$(BPF_ARCH) -Wall -MMD -MP \
	-idirafter /usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)

# What draws with Graphviz and libraries for bitmaps; a static build does without.
DRAWING := $(wildcard src/graphviz*.c) src/bitmap.c src/emit_gif.c src/emit_webp.c src/reel.c
ifdef STATIC
SOURCES := $(filter-out $(DRAWING),$(wildcard src/*.c))
else
SOURCES := $(filter-out src/no_drawing.c,$(wildcard src/*.c))
endif
# Whoever includes a skeleton waits for it; the rest builds without the BPF side.
SKELETON_USERS := $(shell grep -l '\.skel\.h"' $(SOURCES) /dev/null)
SKELETONS := $(K)/direct.skel.h $(K)/probe.skel.h

OBJECTS := $(SOURCES:src/%.c=$(O)/src/%.o)
LIBRARY := $(O)/libipcmap.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/unit/%,$(wildcard tests/unit/test_*.c))
GENERATOR := $(patsubst tests/%.c,$(O)/tests/%.o,tests/ipcgen.c $(wildcard tests/gen_*.c))
TEST_TOOLS := $(addprefix $(K)/,ipcgen mapcheck mapgen dumpgen)

.PHONY: all static bpf-programs bpf-arm64 deb check-deb map manuals completions install uninstall check check-unit check-vm check-vm-arm64 check-fuzz check-analysis bench bench-diff bench-dump bench-vm check-stress fuzz-programs bench-render unit-programs test-tools clean FORCE
.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:

all: $(IPCMAP) $(IPCDUMP)

# The second name of the one binary.
$(IPCDUMP): | $(IPCMAP)
	ln -sf $(notdir $(IPCMAP)) $@

# One line per missing tool or library, with its Debian package, before the
# compiler says the same in a hundred.
$(O)/.deps: tools/deps.sh
	@tools/deps.sh check $(if $(STATIC),core,build)
	@mkdir -p $(@D) && touch $@

$(IPCMAP): $(O)/src/main.o $(LIBRARY)
	$(CC) $(CFLAGS) $(VARIANT) $(LDFLAGS) -o $@ $^ $(IPCMAP_LIBS)

# An archive: a unit test may bring its own version of a module, and needs
# only what it calls.
$(LIBRARY): $(filter-out $(O)/src/main.o,$(OBJECTS))
	@rm -f $@
	$(AR) rcs $@ $^

$(O)/src/%.o: src/%.c | $(O)/.deps
	@mkdir -p $(@D)
	$(CC) $(IPCMAP_CFLAGS) -c -o $@ $<

$(O)/src/release.o: $(B)/version.h
$(O)/src/embedded.o: $(wildcard styles/*.style) src/svg.js src/play.js src/svg.css src/page.js src/page.css
$(O)/src/style_file.o: $(B)/share
$(O)/src/style_file.o: private IPCMAP_CFLAGS += -DIPCMAP_SHARE='"$(SHARE)"'
$(SKELETON_USERS:src/%.c=$(O)/src/%.o): | $(SKELETONS)

# Rewritten only when it changes. --no-optional-locks: git as root must not
# leave a root-owned index in a user's clone.
$(B)/version.h: FORCE | $(O)/.deps
	@commit=$$(git --no-optional-locks -C . describe --always --dirty --exclude '*' 2>/dev/null); \
	echo "#define IPCMAP_VERSION \"$(VERSION)$${commit:+ ($$commit)}\"" >$@.new; \
	if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# `make install PREFIX=/usr` after a plain `make`: only this changes.
$(B)/share: FORCE | $(O)/.deps
	@echo '$(SHARE)' | cmp -s - $@ || echo '$(SHARE)' >$@

# The same programs twice: with direct loads from kernel memory, and with
# bpf_probe_read_kernel() for kernels that lack bpf_rdonly_cast().
$(K)/direct.bpf.o: BPF_DEFINES := -DDIRECT_LOADS=1
$(K)/probe.bpf.o: BPF_DEFINES := -DDIRECT_LOADS=0
$(K)/direct.bpf.o $(K)/probe.bpf.o: bpf/ipcmap.bpf.c | $(O)/.deps
	$(CLANG) $(BPF_CFLAGS) $(BPF_DEFINES) -c -o $@ $<
	$(LLVM_STRIP) -g $@

$(K)/%.skel.h: $(K)/%.bpf.o
	$(BPFTOOL) gen skeleton $< name ipcmap_$* >$@

bpf-programs: $(SKELETONS)
bpf-arm64:
	@$(MAKE) --no-print-directory ARM64=1 bpf-programs

static:
	$(MAKE) STATIC=1 all
	@$(call GIVE_BACK,build)

# Manuals, completions, installation

# The binary's second name, once it has the command.
DUMP := $(if $(wildcard src/cmd_dump.c),ipcdump)
MANUALS := $(patsubst man/%.scd,$(B)/man/%,$(wildcard man/ipcmap*.scd $(DUMP:%=man/%.1.scd)))
COMPLETIONS := $(addprefix $(B)/completions/ipcmap.,bash zsh fish)

manuals: $(MANUALS)
completions: $(COMPLETIONS)

$(B)/.deps-man: tools/deps.sh
	@tools/deps.sh check man
	@mkdir -p $(B) && touch $@

# A reproducible date: that of the commit, or of the file.
$(B)/man/%: man/%.scd | $(B)/.deps-man
	@mkdir -p $(@D)
	SOURCE_DATE_EPOCH=$${SOURCE_DATE_EPOCH:-$$(stat -c %Y $<)} scdoc <$< >$@

$(B)/completions/options: $(IPCMAP) tools/options.sh
	@mkdir -p $(@D)
	tools/options.sh ./$(IPCMAP) >$@

$(B)/completions/ipcmap.%: $(B)/completions/options tools/completions.sh $(wildcard tools/completions/*)
	tools/completions.sh $* <$< >$@

INSTALL ?= install

install: all manuals completions
	$(INSTALL) -d $(addprefix $(DESTDIR),$(BINDIR) $(SHARE)/styles $(MANDIR)/man1 $(MANDIR)/man5 \
		$(BASHDIR) $(ZSHDIR) $(FISHDIR) $(DOCDIR)/examples)
	$(INSTALL) -m 755 $(IPCMAP) $(DESTDIR)$(BINDIR)/ipcmap
	$(INSTALL) -m 644 styles/*.style $(DESTDIR)$(SHARE)/styles
	$(INSTALL) -m 644 $(filter %.1,$(MANUALS)) $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 $(filter %.5,$(MANUALS)) $(DESTDIR)$(MANDIR)/man5
	$(INSTALL) -m 644 $(B)/completions/ipcmap.bash $(DESTDIR)$(BASHDIR)/ipcmap
	$(INSTALL) -m 644 $(B)/completions/ipcmap.zsh $(DESTDIR)$(ZSHDIR)/_ipcmap
	$(INSTALL) -m 644 $(B)/completions/ipcmap.fish $(DESTDIR)$(FISHDIR)/ipcmap.fish
	sed 's|/usr/bin/ipcmap|$(BINDIR)/ipcmap|' dist/ipcmap.service >$(DESTDIR)$(DOCDIR)/examples/ipcmap.service
	chmod 644 $(DESTDIR)$(DOCDIR)/examples/ipcmap.service
	$(if $(DUMP),ln -sf ipcmap $(DESTDIR)$(BINDIR)/ipcdump)
	$(if $(DUMP),ln -sf ipcmap $(DESTDIR)$(BASHDIR)/ipcdump)
	$(if $(DUMP),ln -sf ipcmap.fish $(DESTDIR)$(FISHDIR)/ipcdump.fish)
	@$(call GIVE_BACK,build ipcmap)

# Needs no build, and leaves what others may have put beside it.
uninstall:
	rm -f $(addprefix $(DESTDIR),$(BINDIR)/ipcmap $(BINDIR)/ipcdump \
		$(patsubst styles/%,$(SHARE)/styles/%,$(wildcard styles/*.style)) \
		$(patsubst man/%.scd,$(MANDIR)/man1/%,$(wildcard man/*.1.scd)) \
		$(patsubst man/%.scd,$(MANDIR)/man5/%,$(wildcard man/*.5.scd)) \
		$(BASHDIR)/ipcmap $(BASHDIR)/ipcdump $(ZSHDIR)/_ipcmap \
		$(FISHDIR)/ipcmap.fish $(FISHDIR)/ipcdump.fish $(DOCDIR)/examples/ipcmap.service)
	-rmdir $(addprefix $(DESTDIR),$(SHARE)/styles $(SHARE) $(DOCDIR)/examples $(DOCDIR)) 2>/dev/null || true

# In a copy: dpkg-buildpackage leaves its own files everywhere, and no state of this tree goes in.
deb:
	@tools/deps.sh check build man deb
	rm -rf $(B)/deb
	mkdir -p $(B)/deb/ipcmap-$(VERSION)
	tar -c --exclude=./build --exclude=./ipcmap --exclude=./.git --exclude=./examples . | \
		tar -x -C $(B)/deb/ipcmap-$(VERSION)
	mv $(B)/deb/ipcmap-$(VERSION)/dist/debian $(B)/deb/ipcmap-$(VERSION)/debian
	cd $(B)/deb/ipcmap-$(VERSION) && MAKEFLAGS= dpkg-buildpackage -b -us -uc -d
	lintian --fail-on error $$(test "$$(id -u)" != 0 || echo --allow-root) $(B)/deb/*.changes
	@$(call GIVE_BACK,build)

# Into a chroot in build/, never onto this machine.
check-deb:
	tools/deps.sh install build man deb bare
	@$(MAKE) deb static
	@tools/run-tests.sh --tap tests/deb/run; status=$$?; $(call GIVE_BACK,build ipcmap); exit $$status

# Tests

unit-programs: $(UNIT_TESTS)
test-tools: $(TEST_TOOLS)

# Each test is one program: the sources without main.o, and cmocka.
$(O)/unit/%: tests/unit/%.c $(LIBRARY) | $(O)/.deps
	@mkdir -p $(@D)
	$(CC) $(IPCMAP_CFLAGS) -Itests -MF $(O)/unit/$*.d -MT $@ -o $@ $< $(LDFLAGS) $(LIBRARY) -lcmocka $(IPCMAP_LIBS)

$(O)/tests/%.o: tests/%.c | $(O)/.deps
	@mkdir -p $(@D)
	$(CC) $(IPCMAP_CFLAGS) -pthread -Itests -c -o $@ $<

$(K)/ipcgen: $(GENERATOR)
	$(CC) $(CFLAGS) $(VARIANT) $(LDFLAGS) -pthread -o $@ $^ -lutil

$(K)/dumpgen: $(K)/tests/dumpgen.o
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lutil

# Always of the plain build: what it makes is for benchmarks.
$(K)/mapgen: $(K)/tests/mapgen.o $(K)/libipcmap.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPCMAP_LIBS)

$(K)/mapcheck: $(K)/tests/mapcheck.o $(K)/tests/mapcheck_shape.o $(K)/libipcmap.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(IPCMAP_LIBS)

# What root builds in a user's clone belongs to whom the clone belongs to.
GIVE_BACK = if [ "$$(id -u)" = 0 ]; then chown -Rh --reference=. $(1); fi

map:
	tools/deps.sh install build map
	$(MAKE) all
	SUDO_UID= ./ipcmap -d 10 -o system.svg; status=$$?; \
	$(call GIVE_BACK,build ipcmap ipcdump $$(ls system.svg 2>/dev/null)); exit $$status

check:
	tools/deps.sh install build man map unit check fuzz analysis
	tools/deps.sh try browser vm
	$(MAKE) all unit-programs test-tools
	$(MAKE) SANITIZE=1 unit-programs
	$(MAKE) FUZZ=1 fuzz-programs
	$(MAKE) bpf-arm64
	@$(call GIVE_BACK,build ipcmap ipcdump)
	@MISSING=skip tools/run-tests.sh --unit build/unit --unit build/asan/unit \
		--bats tests/cli.bats --bats tests/render.bats --bats tests/install.bats --bats tests/privilege.bats --bats tests/faults.bats --bats tests/frames.bats --bats tests/diff.bats --bats tests/valgrind.bats --tap tests/browser/run --tap tests/readers/run --tap tests/fuzz/replay --tap tools/analyze.sh \
		$(patsubst %,--bats %,$(sort $(wildcard tests/live/*.bats))) \
		$(if $(NO_VM),,--summed "tests/vm/matrix short"); status=$$?; \
		$(call GIVE_BACK,build); exit $$status

check-unit:
	@tools/deps.sh check build unit
	@$(MAKE) unit-programs
	@$(MAKE) SANITIZE=1 unit-programs
	@tools/run-tests.sh --unit build/unit --unit build/asan/unit

# Of the program's own code; what is none of its faults is in tools/analyze.known.
check-analysis:
	@tools/deps.sh check build analysis
	@$(MAKE) --no-print-directory all
	@tools/run-tests.sh --tap tools/analyze.sh

# Benchmark

$(B)/bench/empty.bpf.o: tests/bench/empty.bpf.c | $(O)/.deps
	@mkdir -p $(@D)
	$(CLANG) $(BPF_CFLAGS) -c -o $@ $<
	$(LLVM_STRIP) -g $@

$(B)/bench/empty.skel.h: $(B)/bench/empty.bpf.o
	$(BPFTOOL) gen skeleton $< name empty >$@

$(B)/bench/bench: $(addprefix tests/bench/,bench.c ops.c crowd.c run.c bench.h) $(B)/bench/empty.skel.h
	$(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS) -I$(B) -o $@ $(filter %.c,$^) $(LDFLAGS) $(IPCMAP_LIBS)

# Alone on the machine, if the figures shall mean something; installs nothing.
bench:
	@tools/deps.sh check build bench
	@$(MAKE) --no-print-directory all $(B)/bench/bench
	@$(call GIVE_BACK,build ipcmap ipcdump)
	@tests/bench/bench.sh

# Likewise.
bench-dump:
	@tools/deps.sh check build benchdump
	@$(MAKE) --no-print-directory all $(B)/bench/bench
	@$(call GIVE_BACK,build ipcmap ipcdump)
	@tests/bench/dump.sh

$(B)/bench/view: tests/bench/view.c $(B)/libipcmap.a
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS) -I$(B) -o $@ $^ $(LDFLAGS) $(IPCMAP_LIBS)

$(B)/bench/vm: $(addprefix tests/bench/,vm.c vm_hooks.c vm_hooks.h) | $(O)/.deps
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(CFLAGS) -o $@ $(filter %.c,$^) $(LDFLAGS) $(shell $(PKG_CONFIG) --libs libbpf)

# However busy the machine is: the guest's clock counts instructions. Fails where one of
# these figures is above tests/bench/vm-record.
bench-vm:
	tools/deps.sh install build vm
	@$(MAKE) --no-print-directory all test-tools $(B)/bench/vm
	@tests/bench/vm.sh; status=$$?; $(call GIVE_BACK,build ipcmap ipcdump); exit $$status

# Needs no root; fails where a figure is above its limit.
bench-render:
	@tools/deps.sh check build map benchrender
	@$(MAKE) --no-print-directory all $(B)/mapgen $(B)/bench/view
	@$(call GIVE_BACK,build ipcmap ipcdump)
	@tests/bench/render.sh

# Two maps of 3,000 processes and 10,000 edges each, without a layout.
bench-diff: $(IPCMAP) $(B)/mapgen
	@$(B)/mapgen 3000 10000 1 >$(B)/bench-before.json
	@$(B)/mapgen 3000 10000 2 >$(B)/bench-after.json
	@bash -c 'for run in 1 2 3 4 5; do began=$$(date +%s%N); \
		./ipcmap diff $(B)/bench-before.json $(B)/bench-after.json >/dev/null; [ $$? = 1 ] || exit 1; \
		echo $$((($$(date +%s%N) - began) / 1000000)); done | sort -n | \
		awk "{ took[NR] = \$$1 } END { print took[3] \" ms, median of five; limit 1000\"; exit !(took[3] < 1000) }"'

# Fuzzing: `make check-fuzz FUZZ_SECONDS=600 FUZZERS=json_read`. What is found on the
# way stays in build/fuzz/found; tests/fuzz/corpus is where it begins. Ten minutes at a time: Graphviz
# loses 4 KiB with each drawing, and the labels are drawn.
FUZZERS ?= $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 60

fuzz-programs: $(FUZZERS:%=$(O)/fuzzers/%)

$(O)/fuzzers/%: tests/fuzz/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(IPCMAP_CFLAGS) -fsanitize=fuzzer -MF $(O)/fuzzers/$*.d -MT $@ -o $@ $< $(LDFLAGS) $(LIBRARY) $(IPCMAP_LIBS)

check-fuzz: SHELL := /bin/bash
check-fuzz:
	@tools/deps.sh check build fuzz
	$(MAKE) FUZZ=1 fuzz-programs
	@for name in $(FUZZERS); do \
		found=$(B)/fuzz/found/$$name; mkdir -p $$found; echo "# $$name"; \
		for ((left = $(FUZZ_SECONDS); left > 0; left -= 600)); do \
			ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=tools/lsan.supp:print_suppressions=0 \
			$(B)/fuzz/fuzzers/$$name -max_total_time=$$((left < 600 ? left : 600)) -timeout=60 \
				-rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -verbosity=0 \
				$$(ls tests/fuzz/$$name.dict 2>/dev/null | sed 's/^/-dict=/') \
				-artifact_prefix=$(B)/fuzz/$$name- $$found tests/fuzz/corpus/$$name || exit 1; \
		done; \
	done
	@$(call GIVE_BACK,build)

# Stock kernels, oldest of the promise first; fetched once into build/vm.
KERNEL ?= 6.1 5.10 6.12 7.2

check-vm:
	tools/deps.sh install build map check vm
	@$(MAKE) all test-tools
	@tests/vm/matrix $(KERNEL); status=$$?; $(call GIVE_BACK,build ipcmap ipcdump); exit $$status

$(B)/stress: $(B)/tests/stress/stress.o
	$(CC) $(CFLAGS) -o $@ $<

# Long and heavy; SOAK=seconds.
check-stress:
	@tools/deps.sh install build map check
	@$(MAKE) all $(B)/stress $(B)/bench/bench
	@IPCMAP_TEST_TIMEOUT=4000 tools/run-tests.sh --bats tests/stress/stress.bats; status=$$?; $(call GIVE_BACK,build ipcmap ipcdump); exit $$status

# The same on a machine that is none of ours.
KERNEL_ARM64 ?= 6.12-arm64

check-vm-arm64:
	tools/deps.sh install build vm arm64
	@tests/vm/sysroot
	@$(MAKE) ARM64=1 all test-tools
	@MATRIX=build/vm/matrix-arm64 tests/vm/matrix $(KERNEL_ARM64); status=$$?; $(call GIVE_BACK,build); exit $$status

clean:
	rm -rf build ipcmap ipcdump

-include $(wildcard $(K)/*.d $(O)/fuzzers/*.d $(O)/src/*.d $(O)/unit/*.d $(O)/tests/*.d)

# SPDX-License-Identifier: MIT
# libseed. `make help` lists what can be made; V=1 shows the commands.

FLAVOUR ?=
B       := build$(if $(FLAVOUR),/$(FLAVOUR))
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
CC      := $(if $(filter default,$(origin CC)),cc,$(CC))
PYTHON  ?= $(firstword $(wildcard /usr/bin/python3) python3)
PYTEST  := $(PYTHON) -B -m pytest -q -p no:cacheprovider
# Files of tests, TEST_JOBS at a time: they wait most of the time.
ABREAST = $(TEST_JOBS:%=-n % --dist loadfile)
SILENT  := $(findstring s,$(filter-out ---%,$(firstword -$(MAKEFLAGS))))
say      = $(if $(V),,@$(if $(SILENT),,printf '  %-7s %s\n' $(1) $(2);))

# One place has the version. While the major number is 0, each minor one may
# change the binary interface, so that the soname carries both.
number   = $(shell sed -n 's/^\#define SEED_VERSION_$(1) //p' \
               include/seed/version.h)
MAJOR   := $(call number,MAJOR)
MINOR   := $(call number,MINOR)
VERSION := $(MAJOR).$(MINOR).$(call number,PATCH)
SOVER   := $(if $(filter 0,$(MAJOR)),$(MAJOR).$(MINOR),$(MAJOR))

# Pages and scripts become strings of C, for lib/clinic/page_*.c to include.
ASSETS   := $(patsubst lib/%,build/asset/%.inc, \
                $(sort $(wildcard lib/*/page/*.*)))

# Asked once, and only when something is compiled: `make deps` must work on a
# machine that has neither pkg-config nor the libraries.
PACKAGES := libevent_core libevent_extra libssl libcrypto jansson
once      = $(eval $(1) := $(2))$($(1))
PKGCFLAGS = $(call once,PKGCFLAGS,$(shell \
                pkg-config --cflags $(PACKAGES) 2>/dev/null))
PKGLIBS   = $(call once,PKGLIBS,$(shell pkg-config --libs $(PACKAGES) \
                2>/dev/null || echo -levent_core -levent_extra -lssl -lcrypto \
                -ljansson))

# gcc brings libbacktrace along. Its folder is no place for other compilers to
# look for headers in: they would find gcc's own.
BACKTRACE = $(call once,BACKTRACE,$(wildcard $(shell \
                gcc -print-file-name=include/backtrace.h 2>/dev/null)))
LINES     = $(if $(BACKTRACE),-DSEED_BACKTRACE='"$(BACKTRACE)"')
LIBS      = $(PKGLIBS) $(if $(BACKTRACE),-lbacktrace) -lz

OPTIMIZE := -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
HARDEN   := -fstack-protector-strong -fstack-clash-protection
HARDEN_L := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
ifneq ($(filter x86_64 i686,$(shell uname -m)),)
HARDEN   += -fcf-protection
endif

# Flavours: asan, tsan, coverage, fuzz; gcc and clang stop at a warning, and
# analyze at what gcc's analyzer finds.
flavour_asan     := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
                    -fsanitize=address,undefined
flavour_tsan     := -O1 -fno-omit-frame-pointer -fsanitize=thread
flavour_coverage := -O0 --coverage
flavour_fuzz     := -O1 -fno-omit-frame-pointer -fno-sanitize-recover=all \
                    -fsanitize=fuzzer-no-link,address,undefined
flavour_gcc      := $(OPTIMIZE) -Werror
flavour_clang    := $(OPTIMIZE) -Werror
flavour_analyze  := $(OPTIMIZE) -Werror -fanalyzer
ifneq ($(filter gcc clang,$(FLAVOUR)),)
CC := $(FLAVOUR)
endif
ifeq ($(FLAVOUR),fuzz)
CC := clang
endif
ifeq ($(FLAVOUR),analyze)
CC := gcc
endif
ifneq ($(FLAVOUR),)
OPTIMIZE := $(or $(flavour_$(FLAVOUR)),$(error FLAVOUR is one of asan, tsan, \
                coverage, fuzz, gcc, clang, analyze))
endif

CFLAGS   ?= -g
WARN     := -Wall -Wextra -Wconversion -Wshadow -Wmissing-prototypes \
            -Wstrict-prototypes -Wvla
ALLFLAGS  = -std=c11 -D_GNU_SOURCE -Iinclude -Ilib -Itest -Ibuild/asset \
            $(PKGCFLAGS) $(LINES) \
            $(WARN) $(OPTIMIZE) $(HARDEN) -pthread $(CPPFLAGS) $(CFLAGS)
LINK      = $(CC) $(OPTIMIZE) -pthread $(HARDEN_L) $(CFLAGS) $(LDFLAGS)
LINK_PIE  = $(LINK) -pie

# What there is to build is what there is in the folders.
SOURCES  := $(sort $(wildcard lib/*/*.c))
PAGES    := $(wildcard lib/*/page_*.c)
HEADERS  := $(sort $(wildcard include/seed.h include/seed/*.h))
EXAMPLES := $(sort $(patsubst examples/%.c,%,$(wildcard examples/*.c)) \
                $(patsubst examples/%/,%,$(sort $(dir \
                    $(wildcard examples/*/*.c)))))
UNITS    := $(sort $(wildcard test/unit/*/*_test.c))
UNITHELP := $(filter-out %_test.c,$(wildcard test/unit/*.c test/unit/*/*.c))
SERVERS  := $(sort $(wildcard test/wire/servers/*.c test/fault/servers/*.c \
                test/fuzz/differential/*.c))
SWEEP    := $(sort $(wildcard test/fault/sweep/*.c))
FUZZERS  := $(sort $(wildcard test/fuzz/*_fuzz.c))
REPLAYS  := $(FUZZERS:%_fuzz.c=$(B)/%_replay)
BENCHES  := $(sort $(wildcard test/bench/*.c))
CLINICAL := $(sort $(wildcard test/clinic/programs/*.c))
ANALYZED := $(SOURCES) $(sort $(wildcard examples/*.c examples/*/*.c))
PAGERS   := $(sort $(wildcard test/browser/*.c))
programs  = $(patsubst %.c,$(B)/%,$(1))
objects   = $(patsubst %.c,$(B)/obj/%.o,$(1))

STATIC   := $(B)/libseed.a
SHARED   := $(B)/libseed.so.$(VERSION)
SONAME   := libseed.so.$(SOVER)
ALLOBJS  := $(call objects,$(SOURCES) $(UNITS) $(UNITHELP) $(SERVERS) $(SWEEP) \
                $(FUZZERS) test/fuzz/replay.c $(BENCHES) $(CLINICAL) \
                $(PAGERS) $(wildcard examples/*.c examples/*/*.c)) \
            $(SOURCES:%.c=$(B)/pic/%.o)

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
.SECONDEXPANSION:
.DELETE_ON_ERROR:
.PHONY: help all lib examples servers benches fuzz fuzzers corpus replay differential unit wire fault npm browser lint check demo deps
.PHONY: analyze analyzed article soak sweep coverage reach clinic clinical install uninstall clean format bench bench-log docs test-install vectors scan
.PHONY: $(EXAMPLES:%=examples/%)
.SECONDARY: $(ALLOBJS)

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1~\2/p' Makefile | \
	    awk -F'~' '{ printf "%-26s%s\n", $$1, $$2 }'
	@echo "  FLAVOUR=asan|tsan|coverage|fuzz|gcc|clang builds in build/FLAVOUR"

all: lib examples ## both libraries and the examples (the default)
lib: $(STATIC) $(if $(FLAVOUR),,$(B)/libseed.so) ## static, shared library
examples: $(EXAMPLES:%=examples/%) ## all of examples/; or examples/NAME
servers: $(call programs,$(SERVERS)) $(B)/test/fault/sweep/sweep $(B)/fail.so
clinical: $(call programs,$(CLINICAL))
fuzzers: $(call programs,$(FUZZERS))
benches: $$(call programs,$$(filter-out $$(mhd),$(BENCHES))) $(B)/mallocs.so
mhd       = $(if $(shell \
                pkg-config --exists libmicrohttpd 2>/dev/null && echo yes),, \
                %/microhttpd.c)

$(EXAMPLES:%=examples/%): examples/%: $(B)/examples/%

$(B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALLFLAGS) -fPIE -MMD -MP -c -o $@ $<

$(B)/pic/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC-PIC,$<)$(CC) $(ALLFLAGS) -fPIC -fvisibility=hidden \
	    -MMD -MP -c -o $@ $<

build/asset/%.inc: lib/%
	@mkdir -p $(@D)
	@sed 's/[\\"]/\\&/g; s/?/\\?/g; s/^/"/; s/$$/\\n"/' $< >$@

$(call objects,$(PAGES)) $(PAGES:%.c=$(B)/pic/%.o): | $(ASSETS)

$(STATIC): $(call objects,$(SOURCES))
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

# seed_[a-z]*: seed__* is linked between rooms and private to the library.
$(SHARED): $(SOURCES:%.c=$(B)/pic/%.o)
	@printf 'SEED_$(SOVER) { global: seed_[a-z]*; local: *; };\n' >$(B)/map
	$(call say,LD,$@)$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs \
	    -Wl,--version-script,$(B)/map -o $@ $^ $(LIBS)

$(B)/libseed.so: $(SHARED)
	@ln -sf libseed.so.$(VERSION) $(B)/$(SONAME)
	@ln -sf $(SONAME) $@

$(EXAMPLES:%=$(B)/examples/%): $(B)/examples/%: $(STATIC) \
    $$(call objects,$$(wildcard examples/$$*.c examples/$$*/*.c))
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -o $@ $(filter %.o,$^) $(STATIC) $(LIBS) -lm

# A unit test may wrap functions: `/* link: -Wl,--wrap=malloc */` in its text.
$(call programs,$(UNITS)): $(B)/%: $(B)/obj/%.o $(STATIC) \
    $(call objects,$(UNITHELP))
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -o $@ $(filter %.o,$^) $(STATIC) $(LIBS) \
	    $$(sed -n 's,^/[*] link: \(.*\) [*]/$$,\1,p' $*.c) -lcmocka

$(call programs,$(SERVERS) $(BENCHES) $(PAGERS)): $(B)/%: $(B)/obj/%.o $(STATIC)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -o $@ $< $(STATIC) $(LIBS) \
	    $$(sed -n 's,^/[*] link: \(.*\) [*]/$$,\1,p' $*.c)

$(B)/test/fault/sweep/sweep: $(call objects,$(SWEEP)) $(STATIC)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK) -o $@ $^ $(LIBS)

# Such a program may take objects of an example: `/* with: FILE.c ... */`.
$(call programs,$(CLINICAL)): $(B)/%: $(B)/obj/%.o $(STATIC) \
    $(call objects,$(wildcard examples/seed-server/s*.c examples/seed-server/f*.c))
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -o $@ $< $$(sed -n \
	    's,^/[*] with: \(.*\) [*]/$$,\1,p' $*.c | \
	    sed 's,\([^ ]*\)[.]c,$(B)/obj/\1.o,g') $(STATIC) $(LIBS)

# Preloaded into servers: one counts what they allocate, for a bench; the other
# makes system calls fail.
$(B)/mallocs.so: test/bench/preload/mallocs.c
$(B)/fail.so: test/fault/preload/fail.c
$(B)/mallocs.so $(B)/fail.so:
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O2 -fPIC -shared \
	    -o $@ $< -ldl

$(call programs,$(FUZZERS)): $(B)/%: $(B)/obj/%.o $(STATIC)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -fsanitize=fuzzer -o $@ $< $(STATIC) $(LIBS)

$(REPLAYS): $(B)/%_replay: $(B)/obj/%_fuzz.o $(B)/obj/test/fuzz/replay.o \
    $(STATIC)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(LINK_PIE) -o $@ $^ $(LIBS)

unit: $(call programs,$(UNITS)) ## unit tests; WRAP=valgrind runs them in it
	@WRAP="$(WRAP)" test/setup/unit $(sort $^)

wire: $(STATIC) examples servers clinical ## tests of real servers on loopback
	@BUILD=$(B) FLAVOUR=$(FLAVOUR) $(PYTEST) $(ABREAST) test/wire $(ARGS)

fault: $(STATIC) examples servers ## faults survived; FAULTS=all: slow ones too
	@BUILD=$(B) FLAVOUR=$(FLAVOUR) FAULTS=$(FAULTS) $(PYTEST) $(ABREAST) test/fault $(ARGS)

soak: $(B)/test/fault/servers/soak ## clients good and bad for SOAK_SECONDS=600
	@BUILD=$(B) FLAVOUR=$(FLAVOUR) SOAK_SECONDS=$(SOAK_SECONDS) $(PYTHON) -B test/fault/soak/run

npm: examples servers clinical ## tests that play with packages of npm (.ci/run)
	@test/setup/npm
	@NPM=yes BUILD=$(B) $(PYTEST) test/wire/npm $(ARGS)

browser: $(call programs,$(PAGERS)) ## the pages in headless Chromium (.ci/run)
	@BUILD=$(B) $(PYTEST) test/browser $(ARGS)

clinic: clinical ## is the doctor right about servers that are ill?
	@BUILD=$(B) test/clinic/run $(ARGS)

scan: servers ## what testssl.sh and sslscan find (.ci/run)
	@SCAN=yes BUILD=$(B) $(PYTEST) test/wire/scan $(ARGS)

vectors: examples/echo-server ## raw messages and the verdict each must get
	@BUILD=$(B) $(PYTHON) -B test/data/vectors/play.py $(ARGS)

fuzz: ## libFuzzer (clang), FUZZ_SECONDS=10 each
	@$(MAKE) --no-print-directory FLAVOUR=fuzz fuzzers
	@test/setup/fuzz $(FUZZERS:%.c=build/fuzz/%)

corpus: ## what fuzzing has found, merged into test/data/corpus
	@$(MAKE) --no-print-directory FLAVOUR=fuzz fuzzers
	@test/setup/seeds && test/setup/corpus $(FUZZERS:%.c=build/fuzz/%)

replay: $(REPLAYS) ## the fuzzers' corpora, each file once
	@test/setup/replay $^

differential: $(B)/test/fuzz/differential/mirror ## libseed against node's parser (.ci/run); SEED=1
	@BUILD=$(B) DIFFERENTIAL_SECONDS=$(DIFFERENTIAL_SECONDS) SEED=$(SEED) $(PYTEST) test/fuzz/differential $(ARGS)

sweep: $(B)/test/fault/sweep/sweep ## all allocations, system calls fail once
	@$(if $(ARGS),$< $(ARGS),test/setup/sweep $<)

coverage: ## lines that no unit test runs (gcov)
	@$(MAKE) --no-print-directory -s FLAVOUR=coverage unit
	@test/setup/coverage

# What ran is forgotten before and after: it is no unit test's merit.
reach: ## lines that the fuzzers' corpora reach (gcov)
	@find build/coverage -name '*.gcda' -delete 2>/dev/null || :
	@$(MAKE) --no-print-directory -s FLAVOUR=coverage replay
	@test/setup/coverage --reached; status=$$?; \
	    find build/coverage -name '*.gcda' -delete; exit $$status

test-install: lib ## build against an installed copy, in C and C++
	@test/install/run

lint: lib examples/hello ## the laws of the house
	@test/lint/run

check: ## everything that must hold, with a total at the end
	@test/setup/deps check
	@test/setup/check

demo: ## the story of the article, told by the machine you are at
	@test/setup/deps demo
	@MAKE="$(MAKE)" examples/demo

deps: ## install what make check and make demo need (DEPS=no: list it)
	@test/setup/deps demo check

bench: examples/seed-server benches ## ratios against peers, side by side
	@BUILD=$(B) test/bench/run $(ARGS)

bench-log: benches ## what a line of the log costs, beside pino
	@BUILD=$(B) test/bench/logs $(ARGS)

analyze: $(ASSETS) ## gcc's analyzer, clang-tidy, cppcheck (.ci/run)
	@MAKE="$(MAKE)" test/setup/analyze $(ANALYZED)

# A stamp a file. With fewer nodes the analyzer leaves the longest paths out,
# for a quarter of the time.
analyzed: $(call objects,$(ANALYZED)) $(ANALYZED:%.c=$(B)/tidy/%.ok)
$(B)/tidy/%.ok: %.c .clang-tidy | $(ASSETS)
	@mkdir -p $(@D)
	$(call say,TIDY,$<)clang-tidy --quiet $< -- -std=c11 -D_GNU_SOURCE \
	    -Iinclude -Ilib -Ibuild/asset $(PKGCFLAGS) $(LINES) -Xclang \
	    -analyzer-config -Xclang max-nodes=50000 2>/dev/null
	@touch $@

article: examples ## docs/guide/keeping-c-fast.md, played and written anew
	@BUILD=$(B) $(PYTHON) -B test/bench/article $(ARGS)

docs: ## docs/api and man pages from the headers
	@$(PYTHON) -B docs/generate.py --markdown docs/api --man build/man

format: ## lay out the lines that you changed by .clang-format
	@git clang-format --style=file -f HEAD -- lib include examples test

install: lib ## into $(DESTDIR)$(PREFIX)
	install -d $(addprefix $(DESTDIR),$(LIBDIR)/pkgconfig $(PREFIX)/include/seed)
	install -m 644 include/seed.h $(DESTDIR)$(PREFIX)/include
	install -m 644 include/seed/*.h $(DESTDIR)$(PREFIX)/include/seed
	install -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)
	install -m 755 $(SHARED) $(DESTDIR)$(LIBDIR)
	ln -sf libseed.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libseed.so
	sed -e 's,@PREFIX@,$(PREFIX),; s,@LIBDIR@,$(LIBDIR),' \
	    -e 's,@VERSION@,$(VERSION),' \
	    -e 's,@LINES@,$(if $(BACKTRACE),-lbacktrace),' pkgconfig/libseed.pc.in \
	    >$(DESTDIR)$(LIBDIR)/pkgconfig/libseed.pc
	-$(PYTHON) -B docs/generate.py \
	    --man $(DESTDIR)$(PREFIX)/share/man/man3
	@[ -n "$(DESTDIR)" ] || PATH=$$PATH:/sbin ldconfig 2>/dev/null || \
	    echo "programs find $(SONAME) after ldconfig, as root"

uninstall: ## take away what install put there
	rm -f $(addprefix $(DESTDIR)$(LIBDIR)/,libseed.a libseed.so $(SONAME) \
	    libseed.so.$(VERSION) pkgconfig/libseed.pc)
	rm -f $(DESTDIR)$(PREFIX)/include/seed.h
	rm -rf $(DESTDIR)$(PREFIX)/include/seed
	rm -f $(DESTDIR)$(PREFIX)/share/man/man3/seed_*.3

clean: ## take build/ away
	rm -rf build

$(ALLOBJS:.o=.d): ;
-include $(ALLOBJS:.o=.d)

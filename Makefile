# SPDX-License-Identifier: GPL-2.0-only
#
# What a person types; Kbuild is what the kernel's build reads.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
# After so long make check begins no stage any more, and says which it has left out.
MINUTES ?= 70

all: modules tools

modules modules_install: supported
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

# One line instead of the errors of each file; tcpx_compat.h names the kernels.
supported:
	@release=$$(cat $(KDIR)/include/config/kernel.release 2>/dev/null) || \
		{ echo "tcpx: no kernel headers in $(KDIR)"; exit 1; } >&2; \
	kernels=$$(sed -n 's/^ \* Supported: //p' tcpx_compat.h); \
	case " $$kernels " in \
	*" $$(echo "$$release" | sed -E 's/^([0-9]+\.[0-9]+).*/\1/') "*) ;; \
	*) echo "tcpx: Linux $$release is not supported; these are: $$kernels" >&2; exit 1 ;; \
	esac

tools:
	$(MAKE) -C tools/tcpxize

tools_install:
	$(MAKE) -C tools/tcpxize install
	install -D -t $(DESTDIR)$(PREFIX)/sbin tools/tcpxstat
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man7 docs/man/tcpx.7
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man8 docs/man/tcpxstat.8
	for name in tcpxize tcpxstat; do install -D -m 644 tools/completion/tcpx.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/$$name || exit; done

clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@
	$(MAKE) -C tools/tcpxize $@
	rm -rf build

demo:
	scripts/setup
	scripts/vm --virtual-time -- selftests/demo

check:
	scripts/setup
	scripts/check --minutes $(MINUTES)

check-all:
	scripts/setup
	scripts/check --all

check-kernels:
	scripts/setup --kernels
	scripts/check --kernels

deb:
	scripts/setup
	scripts/deb

coverage:
	scripts/coverage

lint:
	scripts/lint

diagram:
	scripts/diagram

bench:
	scripts/setup
	bench/table --all --write docs

bench-net:
	scripts/setup
	bench/net --fresh --write docs

help:
	@echo 'make                  tcpx.ko for KDIR ($(KDIR)), and the tools'
	@echo 'make modules_install  install it there'
	@echo 'make tools            what is in tools/; make tools_install puts it into PREFIX (/usr/local)'
	@echo 'make demo             one connection in a test VM, each segment and state printed'
	@echo 'make check            the tests, for an hour or so; the last line is "N passed, N failed"'
	@echo 'make check-all        all of them with each family and protocol, and under KASAN: hours'
	@echo 'make check-kernels    the selftests on each of Debian'"'"'s kernels that there is code for: an hour or two'
	@echo 'make deb              the packages tcpx-dkms and tcpx-tools, into build/deb'
	@echo 'make coverage         line coverage of the pure files by the KUnit cases'
	@echo 'make lint             checkpatch, sparse, W=1, kernel-doc, no arrow between rooms points up'
	@echo 'make diagram          draw the state machine from its table, and the rooms from their objects'
	@echo 'make bench            what operations cost over tcpx and over the kernel'"'"'s TCP, into docs/bench.*'
	@echo 'make bench-net        tcpx beside the kernel'"'"'s TCP over many paths, into docs/bench-net.*'
	@echo 'make clean            remove what make built; kernels stay in the cache'

.PHONY: all modules modules_install supported tools tools_install clean demo check check-all check-kernels deb coverage lint diagram bench bench-net help

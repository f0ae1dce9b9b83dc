// SPDX-License-Identifier: GPL-2.0-only
/*
 * The BPF side of ipcmap. One object, since the handlers share their maps and
 * are inlined into each other; each mechanism has its file.
 */
#include "kernel.bpf.h"

#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_tracing.h>

#include "ipcmap.h"
#include "access.bpf.h"
#include "record.bpf.h"
#include "run.bpf.h"
#include "filter.bpf.h"
#include "resolve.bpf.h"
#include "path.bpf.h"
#include "stream.bpf.h"
#include "contents.bpf.h"
#include "runs.bpf.h"
#include "pipe.bpf.h"
#include "pty.bpf.h"
#include "socket.bpf.h"
#include "inet.bpf.h"
#include "unix.bpf.h"
#include "arrival.bpf.h"
#include "message.bpf.h"
#include "ring.bpf.h"
#include "syscall.bpf.h"
#include "splice.bpf.h"
#include "function.bpf.h"
#include "signal.bpf.h"
#include "process.bpf.h"
#include "inventory.bpf.h"
#include "writer.bpf.h"
#include "sending.bpf.h"
#include "uring.bpf.h"
#include "programs.bpf.h"
#include "kprobe.bpf.h"
#include "functions.bpf.h"

char LICENSE[] SEC("license") = "GPL";

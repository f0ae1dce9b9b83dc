/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>

#define check(condition) ((condition) ? (void)0 : check_fail(#condition, __FILE__, __LINE__))

_Noreturn void check_fail(const char *what, const char *file, int line);
uint64_t time_ns(void);
void cpu_pin(int number);

/* Subcommands: the arguments after the name. */
int bench_ops(int argc, char **argv);
int bench_events(int argc, char **argv);
int bench_load(int argc, char **argv);
int bench_crowd(int argc, char **argv);
int bench_empty(int argc, char **argv);
int bench_run(int argc, char **argv);

#endif

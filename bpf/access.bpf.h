/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two ways to read kernel memory, chosen when compiling (the Makefile builds
 * the object once with each; the loader takes the first that the kernel accepts):
 *
 * DIRECT_LOADS=1  bpf_rdonly_cast (6.2+) makes any address a typed pointer; a
 *                 load through it is one instruction, and reads 0 on a fault.
 * DIRECT_LOADS=0  bpf_probe_read_kernel for every step; works from 5.8 on.
 */
#ifndef ACCESS_BPF_H
#define ACCESS_BPF_H

#if DIRECT_LOADS

extern void *bpf_rdonly_cast(const void *obj, __u32 btf_id) __attribute__((section(".ksyms")));

#define cast(type, address) \
	((type *)bpf_rdonly_cast((const void *)(address), bpf_core_type_id_kernel(type)))
#define get_1(a) a
#define get_2(a, b) a->b
#define get_3(a, b, c) a->b->c
#define get_4(a, b, c, d) a->b->c->d
#define get_pick(_1, _2, _3, _4, name, ...) name
/* get(p, a, b) is p->a->b; 0 when a step on the way is NULL. */
#define get(pointer, ...) \
	((pointer)->get_pick(__VA_ARGS__, get_4, get_3, get_2, get_1, )(__VA_ARGS__))

#else

#define cast(type, address) ((type *)(address))
#define get(pointer, ...) BPF_CORE_READ(pointer, __VA_ARGS__)

#endif

/*
 * A function that the verifier looks into once, whoever calls it, and so takes
 * nothing but numbers; what is static it follows at every call. Memory, which may be NULL
 * then, does as well, but not on 5.10.
 */
#define subprogram __noinline
#if DIRECT_LOADS
#define subprogram_with_memory subprogram
#else
#define subprogram_with_memory static __noinline
#endif

/*
 * Up to `steps` times callback(step, context), until it returns 1. There is no bpf_loop before 5.17, and the
 * verifier follows every turn of what is there instead.
 */
#if DIRECT_LOADS
#define LOOP(steps, callback, context) bpf_loop(steps, callback, context, 0)
#else
#define LOOP(steps, callback, context)                         \
	_Pragma("clang loop unroll(disable)")                  \
	for (__u32 step = 0; step < (steps); step++)           \
		if (callback(step, context))                   \
			break
#endif

/* The address as a number. The verifier takes what NEG leaves for one, whatever it was before. */
static __always_inline __u64 number_of(const void *pointer)
{
	asm volatile("%[pointer] = -%[pointer]; %[pointer] = -%[pointer]" : [pointer] "+r"(pointer));
	return (__u64)pointer;
}

/*
 * The running task. bpf_get_current_task_btf came with 5.11. Without a cast: the verifier trusts
 * what it returns, so that its members are loaded without a test of the address. For a member that is a
 * pointer it goes through all of the kernel's BTF (btf_nested_type_is_trusted()), a quarter of the
 * start, each time that it comes by: where many paths meet a subprogram keeps that few.
 */
static __always_inline struct task_struct *task_current(void)
{
#if DIRECT_LOADS
	return bpf_get_current_task_btf();
#else
	return (struct task_struct *)bpf_get_current_task();
#endif
}

#endif

// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap probe`: what this kernel lets be traced, found by loading it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "loader.h"
#include "trace.h"

/* Loads and attaches all hooks of one mechanism, as a trace with a filter would. */
static int mechanism_try(size_t mechanism, struct loader *loader, char **ret_error)
{
	struct ipc_settings settings = {
		.mechanism_mask = 1U << mechanism, .filter_on = true,
	};
	const struct loader_options options = { .flows = 1024 };

	return loader_open(loader, &settings, &options, ret_error);
}

static void text_add(char **text, const char *more)
{
	char *grown;

	if (*text && strstr(*text, more))
		return;
	if (asprintf(&grown, "%s%s%s", *text ? *text : "", *text ? "; " : "", more) < 0)
		return;
	free(*text);
	*text = grown;
}

static void mechanism_print(const struct loader *loader, size_t mechanism)
{
	char *flavours = loader_flavours(loader, 1U << mechanism), *gaps = NULL;

	for (const struct hook *hook = hooks; hook->event; hook++) {
		const struct hook *row = loader_row(loader, hook->event);

		if (!(hook->mechanisms & 1U << mechanism) || hook->when == HOOK_STREAM)
			continue;
		if (row == hook && loader_lacks(loader, hook))
			text_add(&gaps, loader_lacks(loader, hook));
		if (!row && hook->without)
			text_add(&gaps, hook->without);
	}
	printf("%-15s %-19s %s\n", mechanisms[mechanism].name, flavours ? flavours : "", gaps ? gaps : "");
	free(flavours);
	free(gaps);
}

/* Every row of the table: what the kernel said to it. */
static void hooks_print(const struct loader *loader)
{
	char target[64];

	printf("\n%-33s %-11s %-38s %s\n", "EVENT", "FLAVOUR", "ON", "");
	for (size_t i = 0; hooks[i].event; i++) {
		const struct hook *hook = &hooks[i];
		const char *on = hook_target(loader->kernel, hook, 0), *more, *state;

		if (hook->when == HOOK_STREAM)
			continue;
		more = hook->parts[1].program ? hook_target(loader->kernel, hook, 1) : NULL;
		snprintf(target, sizeof(target), "%s%s%s", on ? on : hook->parts[0].targets[0],
			 hook->parts[1].program ? ", " : "",
			 more ? more : hook->parts[1].program ? hook->parts[1].targets[0] : "");
		state = loader->chosen[i]			       ? "used" :
			*loader->refusals[i]			       ? loader->refusals[i] :
			*loader->flavour_refused[hook->flavour] ? loader->flavour_refused[hook->flavour] :
								 "not needed";
		printf("%-33s %-11s %-38s %s\n", hook->event, flavour_names[hook->flavour], target, state);
	}
}

/* All mechanisms at once: which row of each event is used, and why the better ones are not. */
static int hooks_try(void)
{
	struct ipc_settings settings = { .mechanism_mask = (1U << IPC_MECHANISMS) - 1, .filter_on = true };
	const struct loader_options options = { .flows = 1024 };
	struct loader loader;
	char *error = NULL;
	int status = loader_open(&loader, &settings, &options, &error);

	if (status) {
		fprintf(stderr, "ipcmap: %s\n", error ? error : strerror(-status));
		free(error);
		return status;
	}
	hooks_print(&loader);
	loader_close(&loader);
	return 0;
}

int probe_print(void)
{
	const char *lacks = host_lacks();
	bool any = false;

	if (lacks) {
		fprintf(stderr, "ipcmap: %s\n", lacks);
		return EXIT_FAILED;
	}
	printf("%-15s %-19s %s\n", "MECHANISM", "FLAVOUR", "NOTES");
	for (size_t i = 0; i < IPC_MECHANISMS; i++) {
		struct loader loader;
		char *error = NULL;

		if (mechanism_try(i, &loader, &error)) {
			printf("%-15s %-19s %s\n", mechanisms[i].name, "-", error ? error : "refused");
		} else {
			any = true;
			mechanism_print(&loader, i);
			loader_close(&loader);
		}
		free(error);
	}
	return any && !hooks_try() ? 0 : EXIT_FAILED;
}

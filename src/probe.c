// SPDX-License-Identifier: GPL-2.0-only
/* `ipcmap probe`: what this kernel lets be traced, found by loading it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "loader.h"
#include "trace.h"

/* Loads and attaches all hooks of one mechanism. 0 or a negative errno and *ret_error. */
static int mechanism_try(size_t mechanism, char **ret_error, char **ret_gaps)
{
	struct ipc_settings settings = {
		.mechanism_mask = 1U << mechanism, .filter_on = true,
	};
	struct loader loader;
	const struct loader_sizes sizes = { .flows = 1024 };
	int error = loader_open(&loader, &settings, &sizes, ret_error);

	*ret_gaps = NULL;
	if (error)
		return error;
	for (const struct hook *hook = hooks; hook->event; hook++) {
		char *gaps = *ret_gaps;

		if (!(hook->mechanisms & 1U << mechanism) || loader_has_event(&loader, hook->event) ||
		    (gaps && strstr(gaps, hook->event)))
			continue;
		if (asprintf(ret_gaps, "%s%s%s", gaps ? gaps : "", gaps ? "; " : "",
			     hook->without ? hook->without : hook->event) < 0)
			*ret_gaps = NULL;
		free(gaps);
	}
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
	printf("%-15s %-12s %s\n", "MECHANISM", "FLAVOUR", "NOTES");
	for (size_t i = 0; i < IPC_MECHANISMS; i++) {
		char *error = NULL, *gaps = NULL;

		if (mechanism_try(i, &error, &gaps)) {
			printf("%-15s %-12s %s\n", mechanisms[i].name, "-", error ? error : "refused");
		} else {
			any = true;
			printf("%-15s %-12s %s\n", mechanisms[i].name, flavour_names[FLAVOUR_TRACEPOINT],
			       gaps ? gaps : "");
		}
		free(error);
		free(gaps);
	}
	return any ? 0 : EXIT_FAILED;
}

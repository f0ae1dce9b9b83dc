/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef IPCMAP_USER_H
#define IPCMAP_USER_H

#include <pwd.h>
#include <sys/types.h>

/* The user's entry, good until the next call; NULL: there is none. */
const struct passwd *user_find(uid_t uid);

#endif

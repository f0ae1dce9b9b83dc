/* SPDX-License-Identifier: GPL-2.0-only */
/* What people call a container: from the state files of whoever runs it. */
#ifndef IPCMAP_CONTAINER_H
#define IPCMAP_CONTAINER_H

#include "map.h"

/*
 * Replaces ids in node.container by names, where Docker, Podman, containerd (nerdctl
 * or Kubernetes) or CRI-O wrote them below root ("/"): "docker:web",
 * "containerd:pod/container". What cannot be read stays as it is.
 */
void containers_name(struct map *map, const char *root);

#endif

/* SPDX-License-Identifier: GPL-2.0-only */
/* The path of an open file, without bpf_d_path, which few hooks may call. */
#ifndef PATH_BPF_H
#define PATH_BPF_H

#define PATH_COMPONENTS 28
#define PATH_COMPONENT_LEN 256

struct path_walk {
	struct dentry *dentry;
	struct vfsmount *vfsmount;
	struct ipc_path *to;
};

/* One step towards the root; false at the root, or when there is no more room. */
static __always_inline bool path_step(struct path_walk *walk)
{
	struct vfsmount *vfsmount = walk->vfsmount;
	struct dentry *dentry = walk->dentry, *parent;
	struct mount *mount;
	long copied;
	__u32 len;

	if (dentry == get(vfsmount, mnt_root)) {
		/* struct mount embeds its vfsmount: fs/mount.h, real_mount() */
		mount = cast(struct mount, (char *)vfsmount - bpf_core_field_offset(struct mount, mnt));
		if (get(mount, mnt_parent) == mount)
			return false;
		walk->dentry = get(mount, mnt_mountpoint);
		walk->vfsmount = cast(struct vfsmount, (char *)get(mount, mnt_parent) +
							       bpf_core_field_offset(struct mount, mnt));
		return true;
	}
	parent = get(dentry, d_parent);
	if (parent == dentry)
		return false;
	len = walk->to->len;
	if (len > IPC_PATH_LEN - PATH_COMPONENT_LEN) {
		walk->to->truncated = 1;
		return false;
	}
	copied = bpf_probe_read_kernel_str(walk->to->text + len, PATH_COMPONENT_LEN,
					   get(dentry, d_name.name));
	if (copied <= 0)
		return false;
	walk->to->len = len + copied;
	walk->dentry = parent;
	return true;
}

static __noinline int path_write(struct file *file, struct ipc_path *to)
{
	struct path_walk walk = {
		.dentry = get(file, f_path.dentry),
		.vfsmount = get(file, f_path.mnt),
		.to = to,
	};
	int i;

	to->len = 0;
	to->truncated = 0;
	for (i = 0; i < PATH_COMPONENTS; i++)
		if (!path_step(&walk))
			return 0;
	to->truncated = 1;
	return 0;
}

#endif

# ipcmap: see README.md. `make` builds, and never calls a package manager.

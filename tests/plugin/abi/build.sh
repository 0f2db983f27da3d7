#!/usr/bin/env bash
# Builds v1-x86_64.so, as it was done once: the file in the tree is what an author would have
# shipped, and is not built again.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
gcc -std=c11 -Wall -Wextra -Werror -Os -fPIC -shared -nostdlib -ffreestanding -fvisibility=hidden \
    -fno-asynchronous-unwind-tables -Iv1 v1.c -o v1-x86_64.so \
    -Wl,-z,noseparate-code -Wl,--build-id=none -Wl,-s -Wl,-z,defs

#!/bin/sh
# run.sh PROGRAM SECONDS [ARGS]: runs one target of libFuzzer on its corpus and what it makes of it.
# What it finds new stays in build/fuzz/NAME, an input that ends it in build/fuzz/crash-...
set -eu
here=$(dirname "$(readlink -f "$0")")
name=$(basename "$1")
name=${name#fuzz_}
found=$here/../../build/fuzz
mkdir -p "$found/$name"
program=$1
seconds=$2
shift 2
exec "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=4096 \
    -print_final_stats=1 -artifact_prefix="$found/crash-$name-" "$@" \
    "$found/$name" "$here/corpus/$name"

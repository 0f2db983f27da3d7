# Long steps of ./dev, one status line each. Sourced; needs bash and the top folder as the
# working directory.

logs=build/logs
phase_pid=

fail() {
    printf 'dev: %s\n' "$@" >&2
    exit 1
}

stop_phase() {
    [ -z "$phase_pid" ] || kill -TERM -- "-$phase_pid" 2>/dev/null || true
}

trap 'stop_phase; trap - INT; kill -INT $$' INT
trap 'stop_phase; exit 143' TERM

# What ninja has done so far, "[12/345]", from the end of a log.
progress_in() {
    tail -c 2000 "$1" 2>/dev/null | grep -aoE '^\[[0-9]+/[0-9]+\]' | tail -n 1 || true
}

draw_until_done() {
    local text=$1 log=$2 started=$3
    while kill -0 "$phase_pid" 2>/dev/null; do
        printf '\r\033[K  .. %s (%d s) %s' "$text" $((SECONDS - started)) "$(progress_in "$log")" >&2
        sleep 0.3
    done
    printf '\r\033[K' >&2
}

# phase NAME TEXT HINT COMMAND...
# Runs the command in a process group of its own, with its output in build/logs/NAME.log. If it
# fails: the end of the log, what to do (HINT), and exit. Not for `if` and `||`: those switch
# off `set -e` inside the command.
phase() {
    local name=$1 text=$2 hint=$3 status=0 started=$SECONDS
    local log=$logs/$name.log
    shift 3
    mkdir -p "$logs"
    [ -t 2 ] || printf '  .. %s\n' "$text" >&2
    set -m  # a group of its own: Ctrl-C reaches us, and we end the whole group
    "$@" </dev/null >"$log" 2>&1 &
    phase_pid=$!
    set +m
    [ ! -t 2 ] || draw_until_done "$text" "$log" "$started"
    wait "$phase_pid" || status=$?
    phase_pid=
    if [ "$status" != 0 ]; then
        printf '  FAILED %s (%d s); the end of %s:\n\n' "$text" $((SECONDS - started)) "$log" >&2
        tail -n 30 "$log" >&2
        printf '\n%s\n' "$hint" >&2
        exit 1
    fi
    printf '  ok %s (%d s)\n' "$text" $((SECONDS - started)) >&2
}

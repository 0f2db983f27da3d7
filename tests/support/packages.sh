# What building, testing and measuring need, and how it gets here. Sourced by ./dev after
# phases.sh. Only what is missing is installed; downloads that Debian does not have lie in
# build/deps.

PATH=$PATH:/usr/sbin:/sbin  # nginx, mosquitto, debootstrap: not in everybody's

build_packages=(g++ cmake ninja-build ccache mold pkg-config
    libpoco-dev librdkafka-dev libpaho-mqttpp-dev libpaho-mqtt-dev cppzmq-dev libzmq3-dev
    libhiredis-dev libre2-dev libssl-dev libyaml-dev libsqlite3-dev libsimdjson-dev prometheus-cpp-dev tzdata)
broker_packages=(mosquitto redis-server maven openjdk-17-jre-headless python3 python3-venv)
package_packages=(dpkg-dev systemd)
root_packages=(debootstrap systemd-container)
fuzz_packages=(clang-14 libclang-rt-14-dev)
test_packages=(libgtest-dev libgmock-dev haproxy nginx kcat docker-compose mosquitto-clients iproute2 prometheus
    chromium nodejs npm curl git openssl
    "${broker_packages[@]}" "${package_packages[@]}" "${root_packages[@]}" "${fuzz_packages[@]}")
bench_packages=(nginx libnginx-mod-nchan util-linux python3)

java_17_is_here() {
    local version
    version=$(java -version 2>&1 | sed -nE 's/.* version "([0-9]+).*/\1/p' | head -n 1)
    [ "${version:-0}" -ge 17 ]
}

# A tool counts wherever it comes from, a library only as Debian's package.
is_here() {
    case $1 in
    ninja-build) command -v ninja ;;
    maven) command -v mvn ;;
    nodejs) command -v node ;;
    util-linux) command -v taskset ;;
    dpkg-dev) command -v dpkg-shlibdeps ;;
    systemd) command -v systemd-analyze ;;
    systemd-container) command -v systemd-nspawn ;;
    openjdk-17-jre-headless) java_17_is_here ;;
    mosquitto-clients) command -v mosquitto_sub ;;
    iproute2) command -v ip ;;
    docker-compose) [ -x /usr/bin/docker-compose ] ;;
    python3-venv) python3 -c 'import venv, ensurepip' ;;
    lib* | prometheus-cpp-dev | cppzmq-dev | tzdata)
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    *) command -v "$1" ;;
    esac >/dev/null 2>&1
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Packages such as nginx start a service when they are installed; nobody asked for that.
without_services() {
    local policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        # shellcheck disable=SC2064  # the value of now
        trap "as_root rm -f $policy" EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
}

apt_install() {
    local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends
        -o DPkg::Lock::Timeout=300)
    without_services
    # The lists are fetched only where they are missing or too old to serve.
    as_root "${install[@]}" "$@" || {
        as_root apt-get update
        as_root "${install[@]}" "$@"
    }
}

# need PACKAGE...
need() {
    local package missing=()
    for package; do
        is_here "$package" || missing+=("$package")
    done
    [ ${#missing[@]} != 0 ] || return 0
    local command="apt-get install --no-install-recommends ${missing[*]}"
    command -v apt-get >/dev/null ||
        fail "this needs what Debian 12 calls: ${missing[*]}" "Please install these your way, then try again."
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "please run as root: $command"
        sudo -v || fail "please run as root: $command"
    fi
    phase packages "installing ${missing[*]}" \
        "Try it by hand: $command" apt_install "${missing[@]}"
}

# ---- build/deps ----

# Whether build/deps/NAME was made from these very files.
is_made_from() {
    local stamp=build/deps/$1/.made-from
    shift
    [ -e "$stamp" ] && [ "$(cat "$@" | sha256sum)" = "$(cat "$stamp")" ]
}

made_from() {
    local stamp=build/deps/$1/.made-from
    shift
    cat "$@" | sha256sum >"$stamp"
}

make_venv() {
    rm -rf build/deps/venv
    python3 -m venv build/deps/venv
    build/deps/venv/bin/python -m pip install --disable-pip-version-check --no-deps \
        -r tests/requirements.txt -r share/demo/feeders/requirements.txt
    made_from venv tests/requirements.txt share/demo/feeders/requirements.txt
}

make_debian_root() {
    as_root rm -rf build/deps/debian
    mkdir -p build/deps/debian
    as_root python3 tests/support/debian_root.py build/deps/debian/root systemd-sysv procps
    made_from debian tests/support/debian_root.py
}

make_node_modules() {
    mkdir -p build/deps/node
    cp tests/browser/package.json tests/browser/package-lock.json build/deps/node/
    (cd build/deps/node && npm ci --ignore-scripts --no-audit --no-fund)
    made_from node tests/browser/package-lock.json
}

# What the page of the demo is built of, to see that what is committed is what its sources make.
make_demo_modules() {
    mkdir -p build/deps/demo
    cp share/demo/source/package.json share/demo/source/package-lock.json build/deps/demo/
    (cd build/deps/demo && npm ci --ignore-scripts --no-audit --no-fund)
    made_from demo share/demo/source/package-lock.json
}

download_hint="The network may have failed: try again."

need_venv() {
    is_made_from venv tests/requirements.txt share/demo/feeders/requirements.txt ||
        phase python "fetching Python packages" "$download_hint" make_venv
}

# What the Debian package is installed in, to see it run. Only root can make or use it.
need_debian_root() {
    is_made_from debian tests/support/debian_root.py ||
        phase debian "making a Debian root (once, 250 MB)" \
            "The network may have failed: try again." make_debian_root
}

# What the demo with brokers needs.
need_brokers() {
    need_venv
    phase kafka "fetching Apache Kafka (once, 90 MB)" "$download_hint" \
        python3 tests/support/kafka.py prepare 4.4.0
}

need_downloads() {
    need_venv
    is_made_from node tests/browser/package-lock.json ||
        phase node "fetching npm packages" "$download_hint" make_node_modules
    is_made_from demo share/demo/source/package-lock.json ||
        phase demo "fetching npm packages of the demo" "$download_hint" make_demo_modules
    phase kafka "fetching Apache Kafka (once, 90 MB)" "$download_hint" \
        python3 tests/support/kafka.py prepare 4.4.0 3.9.2
    [ "$(id -u)" != 0 ] || need_debian_root
}

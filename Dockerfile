# Sluice and its plugins on Debian 12. The demo, until it is told what to run:
#   docker build -t sluice . && docker run --rm -p 127.0.0.1:8080:8080 sluice
#   docker run --rm -p 127.0.0.1:8080:8080 -v ./sluice.yaml:/etc/sluice/sluice.yaml:ro sluice \
#       run /etc/sluice/sluice.yaml --listen 0.0.0.0:8080
# tests/docker/steps.py runs these very steps in a fresh Debian root, where there is no Docker.
FROM debian:12-slim AS build
# Whatever Debian 12 has by now, security updates included, is meant: no pinned versions.
# hadolint ignore=DL3008
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        g++ cmake ninja-build pkg-config \
        libpoco-dev librdkafka-dev libpaho-mqttpp-dev libpaho-mqtt-dev cppzmq-dev libzmq3-dev \
        libhiredis-dev libre2-dev libssl-dev libyaml-dev libsqlite3-dev libsimdjson-dev \
        prometheus-cpp-dev tzdata \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /sluice
COPY CMakeLists.txt CMakePresets.json LICENSE ./
COPY cmake cmake
COPY core core
COPY plugins plugins
COPY tests/plugin/runner tests/plugin/runner
COPY tests/support tests/support
COPY config config
COPY packaging packaging
COPY share share
RUN cmake --preset release -DSLUICE_TESTS=OFF \
    && cmake --build build/release \
    && cmake --install build/release --prefix /opt/sluice --strip

FROM debian:12-slim
# hadolint ignore=DL3008
RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        libpoconet80 libpoconetssl80 libpocoutil80 librdkafka1 libpaho-mqttpp3-1 libzmq5 \
        libhiredis0.14 libre2-9 libyaml-0-2 libsqlite3-0 libsimdjson14 libprometheus-cpp-core1.0 \
        ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin sluice \
    && install -d -o sluice -g sluice /var/lib/sluice
COPY --from=build /opt/sluice /usr/local
USER 10001:10001
WORKDIR /var/lib/sluice
EXPOSE 8080
ENTRYPOINT ["sluice"]
CMD ["demo", "--listen", "0.0.0.0:8080"]
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["sluice", "health", "http://127.0.0.1:8080"]

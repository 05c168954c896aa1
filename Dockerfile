# syntax=docker/dockerfile:1
FROM rust:1.95-bookworm AS build
RUN rustup target add wasm32-unknown-unknown
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /sluice
COPY . .
RUN cargo xtask build

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin sluice \
    && install -d -o sluice -g sluice /data
COPY --from=build /sluice/target/release/sluice /usr/local/bin/sluice
COPY --from=build /sluice/target/site /usr/local/share/sluice/site
ENV SLUICE_SITE_ROOT=/usr/local/share/sluice/site \
    SLUICE_DATA_DIR=/data \
    SLUICE_LISTEN=0.0.0.0:3000
USER sluice
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["sluice", "health"]
ENTRYPOINT ["sluice"]
CMD ["serve"]

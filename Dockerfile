# The release workflow fills in the digests; without them the newest image of each tag is taken.
ARG NODE_TAG=24-trixie-slim
ARG NODE_DIGEST=
ARG BASE_TAG=nonroot
ARG BASE_DIGEST=

# JavaScript is the same everywhere: it is built where the build runs, once for all platforms.
FROM --platform=$BUILDPLATFORM docker.io/library/node:${NODE_TAG}${NODE_DIGEST:+@${NODE_DIGEST}} AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-progress
COPY build.mjs ./
COPY tools/third-party-licenses.mjs tools/
COPY src src
RUN node build.mjs

# No shell, no package manager, no node_modules: Node.js and one file.
FROM gcr.io/distroless/nodejs24-debian13:${BASE_TAG}${BASE_DIGEST:+@${BASE_DIGEST}}
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="audit-policy-operator" \
      org.opencontainers.image.description="Controls the audit policies of a fleet of Kubernetes clusters" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY LICENSE ./
COPY --from=build /src/dist/audit-policy-operator.mjs /src/dist/THIRD_PARTY_LICENSES.txt ./
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/app/audit-policy-operator.mjs"]
CMD ["manager"]

# The image, from a program that is built already: nothing is compiled, downloaded or run here, so every platform's image
# is built anywhere. At a release tag bin/ holds the programs:
#
#   docker build .                                                                       for x64
#   docker build --platform linux/arm64 --build-arg PROGRAM=bin/linux-arm64/codearts-retry .    for arm64
#   docker build --target shell .                                                        the one with a shell
ARG SHELL_BASE=docker.io/library/alpine:3.23.5@sha256:fd791d74b68913cbb027c6546007b3f0d3bc45125f797758156952bc2d6daf40

# For systems that run a script in the image: GitLab CI, Bitbucket, `script` in Tekton. It has no entry point, since their
# runners bring the command. CircleCI also wants bash, git and ssh: give it another SHELL_BASE.
# hadolint ignore=DL3006
FROM ${SHELL_BASE} AS shell
ARG PROGRAM=bin/linux-x64/codearts-retry
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="codearts-retry" \
    org.opencontainers.image.description="Retries a run of a Huawei Cloud CodeArts Pipeline, with a shell around it" \
    org.opencontainers.image.licenses="Apache-2.0 OR MIT" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY --chmod=0755 ${PROGRAM} /usr/local/bin/codearts-retry
ENTRYPOINT []
CMD ["/bin/sh"]

# The program and nothing else. It carries root certificates of its own. No USER: CI systems mount folders of root and of
# other users, which only root can write to. Any other user works where the mounts let it.
FROM scratch AS bare
ARG PROGRAM=bin/linux-x64/codearts-retry
ARG VERSION=
ARG REVISION=
ARG SOURCE=
LABEL org.opencontainers.image.title="codearts-retry" \
    org.opencontainers.image.description="Retries a run of a Huawei Cloud CodeArts Pipeline" \
    org.opencontainers.image.licenses="Apache-2.0 OR MIT" \
    org.opencontainers.image.source="${SOURCE}" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}"
COPY --chmod=0755 ${PROGRAM} /codearts-retry
# Exec form: the program is process 1 and receives the signals itself.
ENTRYPOINT ["/codearts-retry"]

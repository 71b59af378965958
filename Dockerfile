# Node runs the TypeScript sources as they are: nothing is built. Pinned to the version that the tests run on.
FROM node:26.10.0-slim

ENV NODE_ENV=production
WORKDIR /app

# Everything here belongs to root: the process can read it and not change it.
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --omit=optional
COPY src ./src
COPY config ./config

# Compiled code of every module, so that a machine is ready in a fifth of a second. Node keeps it by user: warmed by the
# user that serves. `check` also stops the build when the configuration has an error.
ENV NODE_COMPILE_CACHE=/var/cache/partoo-bff
RUN install --directory --owner=node --group=node /var/cache/partoo-bff
USER node
RUN node src/main.ts check && node src/main.ts start --help

EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "src/main.ts", "start"]

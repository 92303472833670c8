# syntax=docker/dockerfile:1
# One image for every service: the command names the file that is run, as in `docker run … trefoil tasks.js`. Whatever the
# modes of the files here, others than root can read what they run.

# The gateway (`--target gateway`). /data/caddy, for certificates, is one that everybody may write.
FROM caddy:2.11.9 AS gateway
COPY --chmod=644 Caddyfile /etc/caddy/Caddyfile
USER 1000:1000

FROM node:24.21.0-alpine AS build
WORKDIR /src
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build && chmod -R a+rX dist

FROM node:24.21.0-alpine
LABEL org.opencontainers.image.title="trefoil" \
      org.opencontainers.image.description="Project management as typed microservices over one log" \
      org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000
WORKDIR /app
COPY --from=build /src/dist ./
USER node
EXPOSE 8000
STOPSIGNAL SIGTERM
# Healthy is ready: parts found, topics and tables made, for the consumer also partitions assigned.
HEALTHCHECK --interval=10s --timeout=3s --start-period=90s --start-interval=1s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/readyz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps"]

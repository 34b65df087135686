# Build: docker build -t portcullis .
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build && npm ci --omit=dev --ignore-scripts

FROM node:24-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/build ./build
COPY package.json LICENSE ./
COPY bin ./bin
# The image's own user; the file system may be read-only, nothing is written to it.
USER node
EXPOSE 9191 9192
HEALTHCHECK --interval=10s --timeout=2s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9192/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "bin/portcullis.js"]
CMD ["serve", "/etc/portcullis/portcullis.yaml"]

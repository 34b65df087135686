import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildContext, Path } from '../core/build.ts';
import { systemClock } from '../core/clock.ts';
import { type AuditKeys, auditSchema, buildAudit } from './config.ts';

function build(keys: AuditKeys | undefined) {
  const issues: string[] = [];
  const contextAt = (path: Path): BuildContext => ({
    issue: (below, message) => issues.push(`${[...path, ...below].join('.')}: ${message}`),
    at: (...below) => contextAt([...path, ...below]),
    file: () => undefined,
    directory: () => [],
    place: (name) => name,
  });
  return { config: buildAudit(keys, contextAt([])), issues };
}

test('by default everything goes to standard output', () => {
  const { config, issues } = build(undefined);
  assert.equal(config.allowSample, 1);
  assert.deepEqual(
    config.sinks.map(({ name }) => name),
    ['stdout'],
  );
  assert.deepEqual(issues, []);
});

test('sinks stand by name or with their options', () => {
  const { config, issues } = build({
    allow: { sample: 0.1 },
    sinks: ['otlp', { file: { path: 'audit.ndjson' } }, { stdout: {} }],
  });
  assert.equal(config.allowSample, 0.1);
  assert.deepEqual(
    config.sinks.map(({ name }) => name),
    ['otlp', 'file', 'stdout'],
  );
  assert.deepEqual(issues, []);
});

test('what is wrong is told with its place, all at once', () => {
  const { issues } = build({ sinks: ['stdout', { stdout: {} }, { file: {} }, {}] });
  assert.deepEqual(issues, [
    'sinks.1: the sink stdout stands here twice',
    'sinks.2.file.path: must be the path of a file',
    'sinks.3: must be one of stdout, otlp, file, syslog, webhook, splunk_hec, elastic_bulk',
  ]);
});

test('a file without a path is inactive rather than a file somewhere', () => {
  const opened = build({ sinks: [{ file: {} }] }).config.sinks[0]?.open({
    clock: systemClock,
    stdout: process.stdout,
    otlpEndpoint: undefined,
    serviceName: 's',
    version: '1',
    instanceId: 'i',
  });
  assert.ok(opened && 'inactive' in opened);
});

test('every property of the schema is described, and only sinks without options go by name', () => {
  const visit = (schema: unknown, path: string): void => {
    assert.ok(typeof schema === 'object' && schema !== null);
    assert.ok('description' in schema, path);
    if ('properties' in schema) {
      for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, `${path}.${name}`);
    }
    if ('items' in schema && typeof schema.items === 'object' && schema.items !== null && 'anyOf' in schema.items) {
      assert.ok(Array.isArray(schema.items.anyOf));
      for (const option of schema.items.anyOf) visit(option, `${path}[]`);
    }
  };
  visit(auditSchema, 'audit');
  assert.match(JSON.stringify(auditSchema), /"enum":\["stdout","otlp"\]/);
});

test('a token that was replaced is another config, and the same place in the spool', () => {
  const built = (digest: string) => {
    const context: BuildContext = {
      issue: (path, message) => assert.fail(`${path.join('.')}: ${message}`),
      at: () => context,
      file: (name) => {
        const unsound = (): never => assert.fail(name);
        const text = `token-${digest}`;
        return { name, digest, bytes: Buffer.from(text), text, document: unsound, issue: unsound, issueAt: unsound };
      },
      directory: () => [],
      place: (name) => name,
    };
    return buildAudit({ sinks: [{ webhook: { url: 'https://hooks.example/', token_file: 'token' } }] }, context);
  };
  assert.equal(built('a').key, built('a').key);
  assert.notEqual(built('a').key, built('b').key);
  assert.equal(built('a').sinks[0]?.key, built('b').sinks[0]?.key);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BuildContext, Path } from '../core/build.ts';
import { buildTelemetry, type TelemetryKeys, telemetrySchema } from './config.ts';

function build(keys: TelemetryKeys | undefined, rules?: ReadonlySet<string>) {
  const issues: string[] = [];
  const context: BuildContext = {
    issue: (path: Path, message: string) => issues.push(`${path.join('.')}: ${message}`),
    at: () => context,
    file: () => undefined,
    directory: () => [],
    place: (name) => name,
  };
  return { config: buildTelemetry(keys, rules, context), issues };
}

test('without keys every default holds and nothing is sent', () => {
  assert.deepEqual(build(undefined), {
    config: {
      otlpEndpoint: undefined,
      metricsIntervalMs: 15_000,
      logLevels: { level: 'info', parts: {} },
      traces: { denials: new Set(), rules: new Map() },
      serviceName: 'portcullis',
      sampleRoot: 0,
    },
    issues: [],
  });
});

test('an empty endpoint, as an unset variable leaves it, sends nothing', () => {
  assert.deepEqual(build({ otlp: { endpoint: '' } }).config.otlpEndpoint, undefined);
});

test('what is written is taken', () => {
  const { config, issues } = build({
    otlp: { endpoint: 'http://127.0.0.1:4318/', metrics_interval: '1m' },
    log_level: 'warn',
    traces: { denials: true, rules: { a: 'always' } },
    service_name: 'edge',
    sample_root: 0.5,
  });
  assert.deepEqual(issues, []);
  assert.deepEqual(config, {
    otlpEndpoint: 'http://127.0.0.1:4318',
    metricsIntervalMs: 60_000,
    logLevels: { level: 'warn', parts: {} },
    traces: { denials: 'all', rules: new Map([['a', 1]]) },
    serviceName: 'edge',
    sampleRoot: 0.5,
  });
});

test('bad endpoints and intervals are issues, all at once', () => {
  const endpoints = ['nonsense', 'ftp://host', 'http://user:pass@host', 'http://host/?a=1', 'http://host/#a'];
  for (const endpoint of endpoints) {
    const { config, issues } = build({ otlp: { endpoint, metrics_interval: '10ms' } });
    assert.equal(config.otlpEndpoint, undefined);
    assert.deepEqual(
      issues.map((issue) => issue.split(':')[0]),
      ['otlp.metrics_interval', 'otlp.endpoint'],
    );
    assert.ok(!issues.join().includes('pass@'));
  }
  assert.equal(build({ otlp: { metrics_interval: 'soon' } }).issues.length, 1);
});

test('levels, reasons and rules that cannot be meant are issues', () => {
  const { config, issues } = build(
    {
      log_level: 'warn',
      log: { level: 'debug', parts: { store: 'silent' } },
      traces: { denials: ['no_rule', 'nonsense'], rules: { a: 0.5, b: 'never', c: 2 } },
    },
    new Set(['a', 'c']),
  );
  assert.deepEqual(config.logLevels, { level: 'debug', parts: { store: 'silent' } });
  assert.deepEqual(config.traces.denials, new Set(['no_rule']));
  assert.equal(config.traces.rules.get('a'), 0.5);
  assert.equal(issues.length, 4);
});

test('every property of the schema is described', () => {
  const visit = (schema: unknown, path: string): void => {
    assert.ok(typeof schema === 'object' && schema !== null);
    assert.ok('description' in schema, path);
    if ('properties' in schema && typeof schema.properties === 'object') {
      for (const [name, property] of Object.entries(schema.properties ?? {})) visit(property, `${path}.${name}`);
    }
  };
  visit(telemetrySchema, 'telemetry');
});

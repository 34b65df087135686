import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planted } from '../../test/support/trails.ts';
import { createLogs } from './log.ts';
import type { LogLevels } from './log-levels.ts';

const clock = { nowMs: () => Date.UTC(2026, 10, 22), monotonicMs: () => 0 };

function open(level: LogLevels['level'], parts: LogLevels['parts'] = {}) {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const logs = createLogs({ levels: { level, parts }, serviceName: 'edge', clock, destination });
  return { logs, log: logs.server, lines };
}

test('a line is one JSON object with time, level, service and message', () => {
  const { log, lines } = open('info');
  log.info({ sink: 'otlp' }, 'ready');
  log.warn({}, 'careful');
  log.error({ error: new RangeError('too far') }, 'bad');
  const [info, warn, error] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(info, {
    level: 'info',
    time: '2026-11-22T00:00:00.000Z',
    service: 'edge',
    part: 'server',
    sink: 'otlp',
    message: 'ready',
  });
  assert.equal(warn.level, 'warn');
  assert.equal(error.error.type, 'RangeError');
});

test('the level keeps the less severe out', () => {
  const { log, lines } = open('error');
  log.info({}, 'no');
  log.warn({}, 'no');
  log.error({}, 'yes');
  assert.equal(lines.length, 1);
  const silent = open('silent');
  silent.log.error({}, 'no');
  assert.equal(silent.lines.length, 0);
});

test('each part has a level of its own, changed while it runs', () => {
  const { logs, lines } = open('error', { store: 'debug' });
  const speak = (): readonly string[] => {
    lines.length = 0;
    for (const part of ['store', 'feeds'] as const) {
      logs[part].debug?.({}, 'detail');
      logs[part].warn({}, 'careful');
    }
    return lines.map((line) => JSON.parse(line)).map(({ part, level }) => `${part} ${level}`);
  };
  assert.deepEqual(speak(), ['store debug', 'store warn']);
  logs.adjust({ level: 'warn', parts: { feeds: 'debug' } });
  assert.deepEqual(speak(), ['store warn', 'feeds debug', 'feeds warn']);
  assert.deepEqual(logs.levels(), { level: 'warn', parts: { feeds: 'debug' } });
  assert.equal(logs.store.debug, undefined);
});

test('credentials that somebody logs by mistake do not show', () => {
  const { log, lines } = open('info');
  log.info({ authorization: planted.token, headers: { cookie: planted.cookie, 'x-api-key': planted.apiKey } }, 'oops');
  log.info({ call: { request: { body: planted.body, query: planted.query } } }, 'oops');
  const all = lines.join('');
  for (const secret of Object.values(planted)) assert.ok(!all.includes(secret), all);
  assert.match(all, /\[redacted\]/);
});

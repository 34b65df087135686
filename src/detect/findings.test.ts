import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTime } from '../../test/support/authn.ts';
import type { Ban } from '../core/ban.ts';
import type { Finding } from '../core/finding.ts';
import { silentLog } from '../core/ports.ts';
import type { Sign } from './detector.ts';
import { type Acting, openFindings } from './findings.ts';

const acting: Acting = { action: 'ban', forMs: 600_000, factor: 10, shadow: false, warmUpMs: 0, cooldownMs: 300_000 };

/** Findings, with what was told and done; so many bans a minute. */
function stage(own: Partial<Acting> = {}, perMinute = 1000) {
  const time = openTime();
  const told: Finding[] = [];
  const bans: Ban[] = [];
  let left = perMinute;
  let warned = 0;
  const findings = openFindings(
    'scanning',
    { ...acting, ...own },
    {
      clock: time.clock,
      log: {
        ...silentLog,
        warn: () => {
          warned += 1;
        },
      },
      bans: {
        ban: async (ban) => {
          bans.push(ban);
          return ban;
        },
      },
      listener: { found: (finding) => void told.push(finding) },
      allow: () => ({ has: () => false }),
      newId: () => String(told.length),
      mayBan: () => {
        left -= 1;
        return left >= 0;
      },
      acted: () => {},
    },
  );
  const raise = (network = '203.0.113.7'): void => {
    const atMs = time.clock.nowMs();
    const sign: Sign = {
      subject: { kind: 'network', name: network },
      title: 'paths',
      measure: { name: 'distinct_paths', observed: 11, expected: undefined },
      technique: undefined,
      blame: [{ kind: 'address', prefix: network }],
      sinceMs: atMs,
      atMs,
    };
    findings.raise(sign);
  };
  const pass = (ms: number): void => {
    time.advance(ms);
    findings.tick(time.clock.nowMs());
  };
  const refill = (): void => {
    left = perMinute;
  };
  return { findings, told, bans, raise, pass, refill, time, warned: () => warned };
}

const phases = (told: readonly Finding[]): readonly string[] => told.map(({ phase }) => phase);

test('who goes on after a ban is over is banned again', () => {
  const { raise, pass, bans, told } = stage();
  for (let second = 0; second <= 1210; second += 10) {
    raise();
    pass(10_000);
  }
  assert.equal(bans.length, 3);
  assert.deepEqual(phases(told), ['begins']);
});

test('a ban that was held back is made a minute later, if there is still cause', () => {
  const { raise, pass, refill, bans } = stage({}, 1);
  raise('203.0.113.1');
  raise('203.0.113.2');
  assert.equal(bans.length, 1);
  pass(30_000);
  refill();
  raise('203.0.113.2');
  assert.equal(bans.length, 1);
  pass(30_000);
  raise('203.0.113.2');
  assert.equal(bans.length, 2);
});

test('where more goes on than there is room for, nothing ends that has not', () => {
  const { raise, told, pass, warned } = stage({ action: 'alert' });
  for (let round = 0; round < 3; round += 1) {
    for (let each = 0; each < 1500; each += 1) raise(`10.0.${each >> 8}.${each & 255}`);
  }
  assert.equal(told.length, 1000);
  assert.equal(warned(), 1);
  pass(60_000);
  raise('203.0.113.7');
  assert.equal(told.length, 2001);
});

test('a reload to shadow stops the bans of a finding that goes on, and it is told of anew', () => {
  const { raise, findings, bans, told, time } = stage();
  raise();
  findings.adjust({ ...acting, shadow: true, forMs: 1000 }, time.clock.nowMs());
  time.advance(700_000);
  raise();
  assert.equal(bans.length, 1);
  assert.deepEqual(phases(told), ['begins', 'ends', 'begins']);
  assert.equal(told[2]?.shadow, true);
  findings.adjust({ ...acting, shadow: true, forMs: 2000 }, time.clock.nowMs());
  assert.equal(told.length, 3);
});

test('a clock that is set forward does not end the warm-up', () => {
  const { told, findings } = stage({ warmUpMs: 3_600_000 });
  const atMs = Date.UTC(2027, 0, 1);
  findings.raise({
    subject: { kind: 'global', name: '' },
    title: 'more',
    measure: { name: 'requests_per_second', observed: 9, expected: 1 },
    technique: undefined,
    blame: [],
    sinceMs: atMs,
    atMs,
  });
  assert.deepEqual(told, []);
});

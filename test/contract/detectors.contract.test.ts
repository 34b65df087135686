import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ban } from '../../src/core/ban.ts';
import type { Finding } from '../../src/core/finding.ts';
import type { Observation } from '../../src/core/observation.ts';
import { silentLog } from '../../src/core/ports.ts';
import type { detectors } from '../../src/detect/detectors/index.ts';
import { buildDetection, openDetection } from '../../src/detect/index.ts';
import { openTime } from '../support/authn.ts';
import { observationOf } from '../support/observations.ts';
import { recordIssues } from '../support/recording-context.ts';

type Name = keyof typeof detectors;

/** Plays something for so many seconds: what is usual, and what each detector must find after it. */
interface Scene {
  /** Seconds of what is usual. */
  readonly usual: number;
  readonly calm: (second: number) => readonly Partial<Observation>[];
  readonly storm: (second: number) => readonly Partial<Observation>[];
  readonly subject: Finding['subject'];
  /** Whether anybody can be blamed. */
  readonly blamed: boolean;
}

const many = (count: number, one: (index: number) => Partial<Observation>): readonly Partial<Observation>[] =>
  Array.from({ length: count }, (_, index) => one(index));
const network = '203.0.113.7';
const over = { stage: 'over', reason: 'ok', status: 200 } as const;

const scenes: Readonly<Record<Name, Scene>> = {
  surges: {
    usual: 1200,
    calm: () => many(5, () => ({})),
    storm: () => many(20, () => ({})),
    subject: { kind: 'network', name: network },
    blamed: true,
  },
  errors: {
    usual: 600,
    calm: () => many(10, () => over),
    storm: () => many(10, (index) => ({ ...over, ...(index < 5 && { status: 503, upstreamFailed: true }) })),
    subject: { kind: 'route', name: 'orders' },
    blamed: false,
  },
  stuffing: {
    usual: 60,
    calm: () => many(2, () => ({ principal: 'idp/eve' })),
    storm: (second) =>
      many(2, (index) => ({ reason: 'api_key_unknown', guess: second * 2 + index + 1, network: '198.51.100.9' })),
    subject: { kind: 'network', name: '198.51.100.9' },
    blamed: true,
  },
  scanning: {
    usual: 60,
    calm: () => many(2, () => ({ ...over, status: 404, path: '/gone' })),
    storm: (second) => many(2, (index) => ({ ...over, status: 404, path: `/${second}/${index}` })),
    subject: { kind: 'network', name: network },
    blamed: true,
  },
  attacks: {
    usual: 60,
    calm: (second) => (second % 30 === 0 ? [{ reason: 'attack_detected' }] : [{}]),
    storm: () => many(2, () => ({ reason: 'attack_detected' })),
    subject: { kind: 'network', name: network },
    blamed: true,
  },
  volumes: {
    usual: 3600,
    calm: () => [{ ...over, principal: 'idp/ann', bytesOut: 20_000 }],
    storm: () => many(20, () => ({ ...over, principal: 'idp/ann', bytesOut: 500_000 })),
    subject: { kind: 'principal', name: 'idp/ann' },
    blamed: true,
  },
};

/** Detection with one detector, whose findings and bans are kept. */
function stage(name: Name, own: object, allow: { addresses?: string[]; principals?: string[] } = {}, backMs = () => 0) {
  const { clock, ...rest } = openTime();
  const time = { ...rest, clock: { ...clock, nowMs: () => clock.nowMs() - backMs() } };
  const findings: Finding[] = [];
  const bans: Ban[] = [];
  const { context, issues } = recordIssues();
  const detection = openDetection({
    ...time,
    log: silentLog,
    bans: {
      ban: async (ban) => {
        bans.push(ban);
        return ban;
      },
    },
    listener: { found: (finding) => void findings.push(finding) },
    acted: () => {},
    newId: () => String(findings.length),
    seed: 7,
  });
  const adjust = (options: object): void =>
    detection.adjust(buildDetection({ warm_up: '0s', allow, [name]: options }, context));
  adjust(own);
  assert.deepEqual(issues, []);
  let second = 0;
  const play = (seconds: number, what: Scene['calm']): void => {
    for (const end = second + seconds; second < end; second += 1) {
      for (const one of what(second)) detection.take(observationOf({ ...one, atMs: time.clock.nowMs() }));
      time.advance(1000);
    }
  };
  const of = ({ subject }: Scene, phase: Finding['phase'] = 'begins'): readonly Finding[] =>
    findings.filter(
      (one) => one.phase === phase && one.subject.kind === subject.kind && one.subject.name === subject.name,
    );
  return { time, detection, findings, bans, play, adjust, of };
}

for (const [name, scene] of Object.entries(scenes) as [Name, Scene][]) {
  test(`${name} says nothing of what is usual, tells once of what is not, and when it is over`, () => {
    const { play, findings, of, bans } = stage(name, {});
    play(scene.usual, scene.calm);
    assert.deepEqual(findings, []);
    play(90, scene.storm);
    assert.equal(of(scene).length, 1, JSON.stringify(findings));
    const [begun] = of(scene);
    assert.equal(begun?.action, 'alert');
    assert.equal(begun?.targets.length !== 0, scene.blamed);
    play(900, scene.calm);
    assert.equal(of(scene, 'ends').length, 1);
    assert.equal(of(scene, 'ends')[0]?.id, begun?.id);
    assert.deepEqual(bans, []);
  });

  test(`${name} bans who is to blame, and nobody in shadow, and nobody on the allowlist`, () => {
    const acting = { action: 'ban', for: '1m' };
    const run = (own: object, allow = {}): readonly Ban[] => {
      const { play, bans } = stage(name, { ...acting, ...own }, allow);
      play(scene.usual, scene.calm);
      play(90, scene.storm);
      return bans;
    };
    const bans = run({});
    assert.equal(bans.length > 0, scene.blamed);
    for (const ban of bans) {
      assert.equal(ban.by, name);
      assert.equal((ban.untilMs ?? 0) - ban.sinceMs, 60_000);
    }
    assert.deepEqual(run({ mode: 'shadow' }), []);
    assert.deepEqual(run({}, { addresses: ['203.0.113.0/24', '198.51.100.0/24'], principals: ['idp/ann'] }), []);
    assert.deepEqual(
      run({ action: 'tighten', tighten: 5 }).map(({ tighten }) => tighten),
      bans.map(() => 5),
    );
  });

  test(`${name} tells of nothing while it warms up, and keeps what it has learnt over a reload`, () => {
    const { play, findings, adjust, of } = stage(name, { warm_up: '30d' });
    play(scene.usual, scene.calm);
    adjust({ warm_up: '0s', action: 'ban' });
    assert.deepEqual(findings, []);
    play(90, scene.storm);
    assert.equal(of(scene).length, 1);
    assert.equal(of(scene)[0]?.action, 'ban');
  });

  test(`${name} takes whatever comes`, () => {
    const { detection, play, time } = stage(name, {});
    const texts = ['', '\0', 'ä'.repeat(10_000), '::/64', 'a/b', '__proto__'];
    const numbers = [Number.NaN, -1, 0, 2 ** 53, Number.POSITIVE_INFINITY, 1e300];
    for (const text of texts) {
      for (const number of numbers) {
        for (const stageName of ['decided', 'over'] as const) {
          detection.take({
            stage: stageName,
            atMs: number,
            network: text,
            principal: text,
            guess: number,
            route: text,
            reason: 'internal_error',
            path: text,
            status: number,
            upstreamFailed: true,
            bytesOut: number,
          });
        }
      }
    }
    play(5, scene.storm);
    time.advance(100_000);
    detection.close();
  });
}

const guess = (number: number): Partial<Observation> => ({ reason: 'api_key_unknown', guess: number + 1 });

test('who mixes guesses with good requests of one principal is found, and a network of many people is not', () => {
  const mixing = stage('stuffing', {});
  mixing.play(60, (second) => [guess(second), ...many(4, () => ({ principal: 'idp/mallory' }))]);
  assert.equal(mixing.findings.length, 1);
  const office = stage('stuffing', {});
  office.play(60, (second) => [
    guess(second),
    ...many(4, (index) => ({ principal: `idp/${(second * 4 + index) % 60}` })),
  ]);
  assert.deepEqual(office.findings, []);
});

test('of many networks those are blamed that showed more than one credential', () => {
  const { play, bans } = stage('stuffing', { action: 'ban' });
  const slip = (second: number) => ({ ...guess(1e6 + second), network: `192.0.2.${second}` });
  play(120, (second) => [
    ...many(2, (index) => ({ ...guess(second * 2 + index), network: `198.51.100.${(second * 2 + index) % 40}` })),
    slip(second),
    slip(second),
  ]);
  assert.ok(bans.length >= 40);
  for (const { target } of bans) assert.match(JSON.stringify(target), /198\.51\.100/);
});

test('many principals of one network, or many networks of one, are told of, and nobody is banned for being many', () => {
  const { play, findings, bans } = stage('stuffing', { action: 'ban' });
  play(300, (second) => [
    { principal: `idp/${second}` },
    { principal: 'idp/fleet', network: `198.51.100.${second % 250}` },
  ]);
  assert.deepEqual(findings.map(({ subject: { kind } }) => kind).toSorted(), ['network', 'principal']);
  assert.deepEqual(bans, []);
});

test('what a ban refuses is no cause for the next one', () => {
  const { play, findings } = stage('scanning', { action: 'ban' });
  play(60, (second) => many(2, (index) => ({ reason: 'client_banned', path: `/${second}/${index}` })));
  assert.deepEqual(findings, []);
});

test('a page that misses things, loaded again and again, is no scan', () => {
  const { play, findings } = stage('scanning', { paths: 40 });
  play(300, () => many(30, (index) => ({ ...over, status: 404, path: `/missing/${index}` })));
  assert.deepEqual(findings, []);
});

test('whoever is allowed is not banned by the network that he is in', () => {
  const allow = { addresses: ['2001:db8:0:1::5', '2001:db8:9::/48'] };
  for (const [network, isAllowed] of [
    ['2001:db8:0:1::/64', true],
    ['2001:db8:9:7::/64', true],
    ['2001:db8:0:2::/64', false],
  ] as const) {
    const { play, bans } = stage('scanning', { action: 'ban' }, allow);
    play(20, (second) => many(2, (index) => ({ ...over, status: 404, path: `/${second}/${index}`, network })));
    assert.equal(bans.length, isAllowed ? 0 : 1, network);
  }
});

test('one strange count of bytes does not blind detection to a principal', () => {
  const { play, of } = stage('volumes', {});
  const { usual, calm, storm } = scenes.volumes;
  play(1, () =>
    [Number.NaN, -1, Number.POSITIVE_INFINITY, 1.8e19].map((bytesOut) => ({ ...over, principal: 'idp/ann', bytesOut })),
  );
  play(usual, calm);
  play(90, storm);
  assert.equal(of(scenes.volumes).length, 1);
});

test('a clock that is set back ends what was found by it, and nothing is kept of times that are to come', () => {
  let backMs = 0;
  const { play, of, findings } = stage('scanning', {}, {}, () => backMs);
  const { storm, calm } = scenes.scanning;
  play(20, storm);
  assert.equal(of(scenes.scanning).length, 1);
  backMs = 3_600_000;
  play(2, calm);
  assert.equal(of(scenes.scanning, 'ends').length, 1);
  // A path a minute is no scan, though nothing would leak for an hour.
  play(1800, (second) => (second % 60 === 0 ? [{ ...over, status: 404, path: `/${second}` }] : []));
  assert.equal(findings.length, 2);
});

test('bans stop at so many in a minute', () => {
  const { play, bans, time } = stage('scanning', { action: 'ban' });
  const scan = (second: number): readonly Partial<Observation>[] =>
    many(12, (index) => ({ ...over, status: 404, path: `/${index}`, network: `203.0.113.${second}` }));
  time.advance(60_000 - (time.clock.nowMs() % 60_000));
  play(59, scan);
  assert.equal(bans.length, 59);
  const { play: again, bans: bounded } = stage('scanning', { action: 'ban' });
  again(1, () => Array.from({ length: 200 }, (_, second) => scan(second)).flat());
  assert.equal(bounded.length, 60);
});

test('bans stop at so many in a minute also where what is over is told of after what was decided', () => {
  const { bans, time, detection } = stage('scanning', { action: 'ban' });
  time.advance(60_000 - (time.clock.nowMs() % 60_000));
  const nowMs = time.clock.nowMs();
  for (let each = 0; each < 200; each += 1) {
    for (let path = 0; path < 12; path += 1) {
      const one = { ...over, status: 404, path: `/${path}`, network: `203.0.113.${each}`, atMs: nowMs - (each % 2) };
      detection.take(observationOf(one));
    }
  }
  assert.equal(bans.length, 60);
});

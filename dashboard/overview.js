import { byId, draw, el, table } from './dom.js';
import { clock, count, micros, rate, share } from './format.js';
import { plot } from './plots.js';

/** @import { Series, State } from './types.d.ts' */
/** @typedef {{ allow: number, deny: number, failed: number, p50: number | null, p99: number | null }} Second */

const keptSeconds = 900;
const stepSeconds = 5;

/** @type {Map<number, Second>} */
const seconds = new Map();

/** @param {Series} series */
function remember({ from, allow, deny, failed, p50_us: p50, p99_us: p99 }) {
  for (const [at, allowed] of allow.entries()) {
    const second = {
      allow: allowed,
      deny: deny[at] ?? 0,
      failed: failed[at] ?? 0,
      p50: p50[at] ?? null,
      p99: p99[at] ?? null,
    };
    seconds.set(from + at, second);
  }
  const oldest = from + allow.length - keptSeconds;
  for (const second of seconds.keys()) if (second < oldest) seconds.delete(second);
}

/** @param {(number | null)[]} values */
const largest = (values) =>
  values.reduce(
    (/** @type {number | null} */ most, one) => (one !== null && (most === null || one > most) ? one : most),
    null,
  );

/** @param {number[]} values */
const sum = (values) => values.reduce((total, one) => total + one, 0);

/** The numbers of some seconds together, as rates. @param {number} from @param {number} length */
function together(from, length) {
  const of = Array.from({ length }, (_, at) => seconds.get(from + at)).filter((second) => second !== undefined);
  const busy = of.filter(({ p50 }) => p50 !== null);
  return {
    from,
    allow: sum(of.map(({ allow }) => allow)) / length,
    deny: sum(of.map(({ deny }) => deny)) / length,
    failed: sum(of.map(({ failed }) => failed)) / length,
    p50: busy.length === 0 ? null : sum(busy.map(({ p50 }) => p50 ?? 0)) / busy.length,
    p99: largest(of.map(({ p99 }) => p99)),
  };
}

/** The numbers until then by whole steps of some seconds. @param {number} end @param {number} step */
function steps(end, step) {
  const first = Math.ceil((end - keptSeconds) / step) * step;
  return Array.from({ length: Math.floor((end - first) / step) }, (_, at) => together(first + at * step, step));
}

/** @param {string} term @param {string} value @param {string} hint @param {string} [kind] @param {string} [href] */
const tile = (term, value, hint, kind = '', href = '#overview') =>
  el(
    'div',
    { class: `tile ${kind}` },
    el('dt', {}, el('a', { href, 'data-key': term }, term)),
    el('dd', {}, el('strong', {}, value), el('span', {}, hint)),
  );

/** @param {State} state @param {number} end */
function tiles({ findings, bans, health, ready }, end) {
  const last = together(end - 10, 10);
  const all = together(end - keptSeconds, keptSeconds);
  const total = all.allow + all.deny + all.failed;
  const ill = health.filter(({ state }) => state !== 'good').length + ready.missing.length;
  const worst = ready.missing.length > 0 || health.some(({ state }) => state === 'bad') ? 'bad' : ill > 0 ? 'warn' : '';
  return [
    tile('Decisions', `${rate(last.allow + last.deny + last.failed)}/s`, 'last 10 seconds'),
    tile('Denied', share(all.deny, total), 'last 15 minutes', all.deny > 0 ? 'deny' : '', '#traffic'),
    tile('Failed', share(all.failed, total), 'last 15 minutes', all.failed > 0 ? 'bad' : '', '#decisions'),
    tile('Time to decide', micros(seconds.get(end - 1)?.p99), 'p99, last 10 s'),
    tile('Anomalies', count(findings.active.length), 'active', findings.active.length > 0 ? 'warn' : '', '#anomalies'),
    tile('Bans', count(bans.total), 'in force', '', '#bans'),
    tile('Health', ill === 0 ? 'good' : count(ill), ill === 0 ? 'all parts' : 'to look at', worst, '#system'),
  ];
}

const rates = plot(byId('rates'), [
  { label: 'allowed', colour: '--allow', value: (value) => `${rate(value)}/s` },
  { label: 'denied', colour: '--deny', value: (value) => `${rate(value)}/s` },
  { label: 'failed', colour: '--failed', value: (value) => `${rate(value)}/s` },
]);
const latencies = plot(
  byId('latencies'),
  [
    { label: 'p50', colour: '--muted', value: micros },
    { label: 'p99', colour: '--accent', value: micros },
  ],
  { logarithmic: true },
);

/** Shows how things are. @param {State} state */
export function showOverview(state) {
  remember(state.series);
  const end = Math.floor(Date.parse(state.now) / 1000);
  const cells = tiles(state, end);
  draw(
    byId('tiles'),
    cells.map((cell) => cell.outerHTML),
    () => cells,
  );
  const fine = steps(end, stepSeconds);
  const times = fine.map(({ from }) => from);
  rates.show([times, fine.map(({ allow }) => allow), fine.map(({ deny }) => deny), fine.map(({ failed }) => failed)]);
  latencies.show([times, fine.map(({ p50 }) => p50), fine.map(({ p99 }) => p99)]);
  const minutes = steps(end, 60).toReversed();
  const peak = largest(minutes.map(({ allow, deny, failed }) => allow + deny + failed));
  byId('rates').setAttribute(
    'aria-label',
    `Decisions per second; the busiest of the last 15 minutes had ${rate(peak ?? 0)}`,
  );
  const slowest = micros(largest(minutes.map(({ p99 }) => p99)));
  byId('latencies').setAttribute('aria-label', `Time to decide; the highest p99 was ${slowest}`);
  draw(byId('rates-table'), minutes, () => [
    table(
      'Decisions per second, by minute',
      ['Minute', '#Allowed', '#Denied', '#Failed'],
      minutes.map(({ from, allow, deny, failed }) => [clock(from * 1000), rate(allow), rate(deny), rate(failed)]),
      'Nothing yet.',
    ),
  ]);
  draw(byId('latencies-table'), minutes, () => [
    table(
      'Time to decide, by minute',
      ['Minute', '#p50', '#Highest p99'],
      minutes.map(({ from, p50, p99 }) => [clock(from * 1000), micros(p50), micros(p99)]),
      'Nothing yet.',
    ),
  ]);
}

/** Forgets what was shown to somebody who has gone. */
export const clearOverview = () => seconds.clear();

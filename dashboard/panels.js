import { byId, draw, el, pill, table } from './dom.js';
import { brief, count, cut, left, moment, share, span } from './format.js';

/** @import { Finding, State } from './types.d.ts' */

/** How much of something, drawn. @param {number} part @param {number} all @param {string} label @param {string} kind */
const bar = (part, all, label, kind) =>
  el('meter', { min: 0, max: Math.max(all, 1), value: part, class: kind, 'aria-label': label });

/** @param {State['denials']} denials */
function denials(denials) {
  const most = Math.max(1, ...denials.map(({ count }) => count));
  return table(
    'Denials by reason',
    ['Reason', '#Status', '#Count', ''],
    denials.map(({ reason, status, title, count: number }) => [
      el('span', { title }, reason),
      status,
      count(number),
      bar(number, most, `${reason}: ${number}`, status >= 500 ? 'failed' : 'deny'),
    ]),
    'Nobody was denied.',
  );
}

/** @param {State['clients']} clients @param {(kind: string, target: string) => void} ban */
const clients = (clients, ban) =>
  table(
    'Top clients',
    ['Client', '#Requests', '#Denied', '#Failed', ''],
    clients.map(({ client, bannable, kind, requests, denied, failed }) => {
      const button = el(
        'button',
        { type: 'button', class: 'quiet', 'data-key': `ban ${client}`, 'aria-label': `Ban ${client}` },
        'Ban …',
      );
      button.addEventListener('click', () => ban(kind, client));
      return [cut(client, 60), count(requests), share(denied, requests), share(failed, requests), bannable && button];
    }),
    'Nobody has asked.',
  );

/** @param {State['limits']} limits @param {string} now */
const limits = (limits, now) =>
  table(
    'Limits',
    ['Limit', '#Allowed', '#Limited', 'Fullest now'],
    limits.map(({ limit, allowed, limited, local, store_denied, store_allowed, fullest }) => {
      const away = local + store_denied + store_allowed;
      return [
        limit,
        count(allowed),
        count(limited),
        el(
          'div',
          { class: 'fullest' },
          away > 0 ? el('p', { class: 'hint' }, `store away: ${count(away)} times`) : null,
          ...fullest.map(({ client, used, count: most, resets }) =>
            el(
              'p',
              {},
              bar(used, most, `${used} of ${most}`, used >= most ? 'failed' : 'allow'),
              el('span', { class: 'amount' }, `${count(used)} / ${count(most)}`),
              el('span', { class: 'host' }, `${cut(client ?? 'all', 60)}, ${left(resets, now)}`),
            ),
          ),
        ),
      ];
    }),
    'No limit was checked.',
  );

/** @param {Finding[]} findings @param {string} caption @param {string} none */
const findings = (findings, caption, none) =>
  table(
    caption,
    ['Finding', 'About', 'Since', 'Action'],
    findings.map(({ title, detector, technique, subject, since, until, action, shadow, targets }) => [
      el('span', {}, title, el('span', { class: 'host' }, technique === null ? detector : `${detector}, ${technique}`)),
      el('span', {}, subject.name || subject.kind, subject.name ? el('span', { class: 'host' }, subject.kind) : null),
      until === null ? moment(since) : `${moment(since)} to ${moment(until)}`,
      el(
        'span',
        {},
        pill(action === 'alert' ? 'quiet' : 'deny', action),
        shadow ? el('span', { class: 'tag' }, 'shadow') : null,
        targets.length > 0 ? el('span', { class: 'host' }, targets.join(', ')) : null,
      ),
    ]),
    none,
  );

const states = { good: 'allow', warn: 'deny', bad: 'failed' };

/** @param {State} state */
const health = ({ health, ready, revocations, shared, version }) => [
  el(
    'p',
    {},
    ready.missing.length === 0 ? pill('allow', 'ready') : pill('failed', 'not ready'),
    ` ${ready.missing.join(', ')}`,
  ),
  table(
    'Health of the parts',
    ['Part', 'State', 'Since the start'],
    health.map(({ part, name, state, facts }) => [
      `${part}: ${name}`,
      pill(states[state], state),
      Object.entries(facts)
        .map(([fact, value]) => `${fact} ${count(value)}`)
        .join(', '),
    ]),
    'Nothing to look after.',
  ),
  el(
    'p',
    { class: 'hint' },
    `Portcullis ${version}; state ${shared ? 'shared by all replicas' : 'of this process alone'}; ${count(revocations)} revocations`,
  ),
];

/** @param {State} state */
const config = ({ loads, config_version: version }) => [
  el(
    'p',
    {},
    'In force: ',
    el('code', {}, brief(version)),
    ' ',
    el('a', { href: 'config', target: '_blank', rel: 'noreferrer', 'data-key': 'config' }, 'the whole config'),
  ),
  table(
    'Loads of the config, the latest first',
    ['Time', 'Outcome', 'Version', 'By'],
    loads.map(({ time, outcome, version, trigger, issues }) => [
      moment(time),
      el(
        'span',
        {},
        pill(outcome === 'ok' ? 'allow' : 'failed', outcome),
        ...issues.map((issue) => el('p', { class: 'hint' }, issue)),
      ),
      el('code', {}, brief(version)),
      trigger,
    ]),
    'None.',
  ),
];

/** @param {State['feeds']} feeds */
const feedTable = (feeds) =>
  table(
    'Address feeds',
    ['Feed', '#Entries', '#Age', 'Problem'],
    feeds.map(({ name, list, source, entries, age_seconds: age, problem }) => [
      el('span', {}, name, el('span', { class: 'host' }, `${list}, ${source}`)),
      count(entries),
      span(age),
      problem ?? '–',
    ]),
    'No feed is configured.',
  );

/** @param {State} state @param {(kind: string, target: string) => void} ban */
export function showPanels(state, ban) {
  draw(byId('denials'), state.denials, (data) => [denials(data)]);
  draw(byId('clients'), state.clients, (data) => [clients(data, ban)]);
  draw(byId('limits'), [state.limits, state.limits.length > 0 ? state.now : ''], () => [
    limits(state.limits, state.now),
  ]);
  draw(byId('findings-active'), state.findings.active, (data) => [
    findings(data, 'Active anomalies', 'Nothing is out of the ordinary.'),
  ]);
  draw(byId('findings-recent'), state.findings.recent, (data) => [
    findings(data, 'Anomalies that are over', 'None since the start.'),
  ]);
  draw(byId('health'), [state.health, state.ready, state.revocations], () => health(state));
  draw(byId('config'), state.loads, () => config(state));
  draw(byId('feeds'), state.feeds, (data) => [feedTable(data)]);
  draw(
    byId('reasons'),
    state.denials.map(({ reason }) => reason),
    (reasons) => reasons.map((value) => el('option', { value })),
  );
}

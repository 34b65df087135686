import type { Family } from '../../telemetry/cells.ts';

/** How a part of us is. */
interface PartHealth {
  readonly part: string;
  readonly name: string;
  /** bad: something is lost, or is not there. warn: something went wrong since the start. */
  readonly state: 'good' | 'warn' | 'bad';
  readonly facts: Readonly<Record<string, number>>;
}

type Facts = Record<string, number>;

/** How the parts are that can be away, slow or full, as their metrics tell of them. */
export function healthOf(families: readonly Family[]): readonly PartHealth[] {
  return [
    ...audit(families),
    ...stores(families),
    ...keySets(families),
    ...bySubject(families, { current: 'portcullis_log_current' }).map(
      ([name, facts]): PartHealth => ({
        part: 'shared log',
        name,
        state: facts['current'] === 1 ? 'good' : 'bad',
        facts: {},
      }),
    ),
    ...exporters(families),
  ];
}

function audit(families: readonly Family[]): readonly PartHealth[] {
  const waiting = { waiting: 'portcullis_audit_queue_events' };
  const sinks = bySubject(families, { '': 'portcullis_audit_events_total', ...waiting });
  return sinks.map(([name, facts]) => {
    const lost = (facts['dropped'] ?? 0) + (facts['failed'] ?? 0);
    return { part: 'audit', name, state: lost > 0 ? 'bad' : 'good', facts };
  });
}

function stores(families: readonly Family[]): readonly PartHealth[] {
  const parts = { counters: 'portcullis_store_calls_total', state: 'portcullis_state_calls_total' };
  return Object.entries(parts).flatMap(([name, metric]) => {
    const facts: Facts = {};
    for (const { labels, value } of cellsOf(families, metric)) facts[labels[0] ?? ''] = value;
    return Object.keys(facts).length === 0 ? [] : [{ part: 'store', name, state: stateOf(facts), facts }];
  });
}

function keySets(families: readonly Family[]): readonly PartHealth[] {
  const metrics = { fetches: 'portcullis_key_set_fetches_total', keys: 'portcullis_key_set_keys' };
  return bySubject(families, { '': metrics.fetches, keys: metrics.keys }).map(([name, facts]) => ({
    part: 'key set',
    name,
    state: (facts['keys'] ?? 0) === 0 ? 'bad' : stateOf(facts),
    facts,
  }));
}

function exporters(families: readonly Family[]): readonly PartHealth[] {
  return bySubject(families, { '': 'portcullis_otlp_exports_total' }).map(([name, facts]) => ({
    part: 'OTLP',
    name,
    state: stateOf(facts),
    facts,
  }));
}

const good: readonly string[] = ['ok', 'keys', 'waiting'];

/** By outcome: none went well, some did not, or all did. */
function stateOf(facts: Facts): PartHealth['state'] {
  const troubles = Object.entries(facts).reduce((sum, [name, value]) => (good.includes(name) ? sum : sum + value), 0);
  if (troubles === 0) return 'good';
  return (facts['ok'] ?? 0) === 0 ? 'bad' : 'warn';
}

const cellsOf = (families: readonly Family[], metric: string): Family['cells'] =>
  families.find(({ spec }) => spec.name === metric)?.cells ?? [];

/** By the first label: facts by the name given, or by the second label where the name is empty. */
function bySubject(families: readonly Family[], metrics: Readonly<Record<string, string>>): readonly [string, Facts][] {
  const subjects = new Map<string, Facts>();
  for (const [fact, metric] of Object.entries(metrics)) {
    for (const { labels, value } of cellsOf(families, metric)) {
      const [subject = '', outcome = ''] = labels;
      const facts = subjects.get(subject) ?? {};
      facts[fact === '' ? outcome : fact] = value;
      subjects.set(subject, facts);
    }
  }
  return [...subjects];
}

import type { BuildContext, Report } from '../core/build.ts';
import { clientNetwork } from '../core/client-network.ts';
import type { LimitRule } from '../core/limit.ts';
import type { Mode, Subject } from '../core/plan.ts';
import { parseReference, type Reference, referenceForms } from '../core/reference.ts';
import { parseRate } from '../core/units.ts';
import { type AlgorithmName, algorithms } from './algorithms/index.ts';
import { hashedPart, keyPart } from './key-part.ts';

/** One entry of `limits`, as its schema lets it through. */
export interface LimitOptions {
  readonly key: string | readonly string[];
  readonly algorithm?: AlgorithmName;
  readonly rate: string;
  readonly counts?: Limit['counts'];
  readonly burst?: number;
  readonly on_store_failure?: 'local' | 'deny' | 'allow';
  readonly mode?: Mode;
}

/** Whose counters a limit uses: those that decide, those of a limit in shadow, those of a rule in shadow. */
export type CounterSpace = Mode | 'rule_shadow';

/** A compiled limit. */
export interface Limit {
  readonly id: string;
  readonly algorithm: AlgorithmName;
  readonly rule: LimitRule;
  readonly mode: Mode;
  readonly onStoreFailure: 'local' | 'deny' | 'allow';
  readonly needsPrincipal: boolean;
  /** A request is a hit; what a response gives away is added afterwards, where it is that which counts. */
  readonly counts: 'requests' | 'response_bytes' | 'response_records';
  /** The key of the subject's counter; injective over limit, rule, algorithm and values. */
  readonly key: (subject: Subject, space: CounterSpace) => string;
}

const idForm = /^[A-Za-z0-9_-]{1,64}$/;
const spaces = { enforce: 'e', shadow: 's', rule_shadow: 'r' } as const satisfies Record<CounterSpace, string>;

/** How many hits a request of a weight is: never more than the limit has at all, so that one passes now and then. */
export const hitsOf = ({ algorithm, rule }: Pick<Limit, 'algorithm' | 'rule'>, weight: number): number =>
  Math.min(weight, algorithm === 'token_bucket' ? rule.burst : rule.count);

/** Compiles the `limits` map, id by id; a limit with issues is left out. */
export function buildLimits(
  options: Readonly<Record<string, LimitOptions>>,
  context: BuildContext,
): ReadonlyMap<string, Limit> {
  const limits = new Map<string, Limit>();
  for (const [id, entry] of Object.entries(options)) {
    const limit = buildLimit(id, entry, context.at(id));
    if (limit !== undefined) limits.set(id, limit);
  }
  return limits;
}

function buildLimit(id: string, options: LimitOptions, context: BuildContext): Limit | undefined {
  const { algorithm = 'sliding_window', burst, counts = 'requests' } = options;
  const issues: string[] = [];
  const issue: Report = (path, message) => {
    issues.push(message);
    context.issue(path, message);
  };
  if (!idForm.test(id)) issue([], `"${id}" is no limit id: letters, digits, "_" and "-", at most 64`);
  if (!Object.hasOwn(algorithms, algorithm)) {
    issue(['algorithm'], `unknown algorithm "${algorithm}"; known: ${Object.keys(algorithms).join(', ')}`);
  }
  const rate = parseRate(options.rate);
  if (rate === undefined) {
    issue(['rate'], `"${options.rate}" is no rate: a count of at least 1 in a unit of s, m, h or d, like "100/m"`);
  }
  if (rate?.isSize === true && counts !== 'response_bytes') {
    issue(['rate'], `"${options.rate}" is a size; only limits with counts: response_bytes have one`);
  }
  if (burst !== undefined && algorithm !== 'token_bucket') {
    issue(['burst'], `${algorithm} has no burst; use algorithm: token_bucket, or leave burst out`);
  }
  const references = buildReferences(options.key, issue);
  const forgotten = counts === 'requests' ? undefined : references.find(({ text }) => isForgotten(text));
  if (forgotten !== undefined) {
    issue(['key'], `"${forgotten.text}" is not known any more when a response passes; take principal.key or another`);
  }
  if (issues.length > 0 || rate === undefined) return undefined;

  const { count, periodMs } = rate;
  const rule: LimitRule = Object.freeze({ count, periodMs, burst: burst ?? count });
  return Object.freeze({
    id,
    algorithm,
    rule,
    mode: options.mode ?? 'enforce',
    counts,
    onStoreFailure: options.on_store_failure ?? 'local',
    needsPrincipal: references.some(({ needsPrincipal }) => needsPrincipal),
    key: compileKey(id, algorithm, rule, references),
  });
}

// Over ext_proc a principal is known by its name alone.
const isForgotten = (reference: string): boolean => reference === 'api_key' || reference.startsWith('claims.');

function buildReferences(key: LimitOptions['key'], issue: Report): readonly Reference[] {
  const references: Reference[] = [];
  const texts = typeof key === 'string' ? [key] : key;
  texts.forEach((text, index) => {
    const reference = parseReference(text);
    const path = typeof key === 'string' ? ['key'] : ['key', index];
    if (reference === undefined) issue(path, `unknown key "${text}"; known: ${referenceForms.join(', ')}`);
    else references.push(reference);
  });
  return references;
}

function compileKey(id: string, algorithm: string, rule: LimitRule, references: readonly Reference[]): Limit['key'] {
  const identity = [
    keyPart(id),
    algorithm,
    `${rule.count}/${rule.periodMs}/${rule.burst}`,
    ...references.map(({ text }) => keyPart(text)),
  ].join('|');
  const parts = references.map(compilePart);
  return (subject, space) => {
    let key = `${spaces[space]}|${identity}`;
    for (const part of parts) key += `|${part(subject)}`;
    // Rules in shadow each count for themselves, or the second would see the hits of the first.
    return space === 'rule_shadow' ? `${key}|${keyPart(subject.rule)}` : key;
  };
}

function compilePart({ text, read }: Reference): (subject: Subject) => string {
  if (text === 'client.address') {
    return (subject) => {
      const address = read(subject);
      return keyPart(address === undefined ? undefined : clientNetwork(address));
    };
  }
  // A header may be a credential, and keys are seen by whoever looks into the store.
  const show = text.startsWith('header.') ? hashedPart : keyPart;
  return (subject) => {
    const value = read(subject);
    return value === undefined ? keyPart(undefined) : show(value);
  };
}

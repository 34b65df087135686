import { printableHost, printablePath } from '../core/printable.ts';
import { effects, type Kept } from './kept.ts';

/** Tells which decisions somebody wants to see. */
export type Filter = (kept: Kept) => boolean;

const textMax = 256;
const names = ['effect', 'rule', 'reason', 'client', 'text'] as const;

/**
 * Reads a filter from a query: `effect` (some of allow, deny, failed, with commas), `rule` and `reason` (the whole name), `client`
 * (the beginning of an address or of a principal's key), `text` (a part of id, method, host, path, rule, reason, client or principal,
 * in any case). All must hold. Gives a line for each thing that is wrong.
 */
export function readFilter(query: URLSearchParams): Filter | { readonly issues: readonly string[] } {
  const issues: string[] = [];
  const read = (name: (typeof names)[number]): string => {
    const [value = '', ...others] = query.getAll(name);
    if (others.length > 0) issues.push(`"${name}" stands more than once`);
    if (value.length > textMax) issues.push(`"${name}" is longer than ${textMax} characters`);
    return value.trim();
  };
  const [effect = '', rule, reason, client = '', text = ''] = names.map(read);
  const wanted = effect === '' ? effects : effect.split(',');
  const unknown = wanted.filter((one) => !effects.some((known) => known === one));
  if (unknown.length > 0) issues.push(`"effect" may hold ${effects.join(', ')}`);
  if ([...query.keys()].some((name) => !names.some((known) => known === name) && name !== 'limit')) {
    issues.push(`the query may hold ${names.join(', ')} and limit, and nothing else`);
  }
  if (issues.length > 0) return { issues };
  const part = text.toLowerCase();
  return (kept) =>
    wanted.includes(kept.effect) &&
    (!rule || kept.rule === rule) &&
    (!reason || kept.reason === reason) &&
    (client === '' || kept.client.startsWith(client) || kept.principal?.startsWith(client) === true) &&
    (part === '' || (has(rawOf(kept), part) && has(textsOf(kept), part)));
}

type Texts = readonly (string | undefined)[];

const has = (texts: Texts, part: string): boolean => texts.some((one) => one?.toLowerCase().includes(part));

// To make a text fit to be shown costs much more than to look into it, and most have nothing of what is searched.
const rawOf = ({ id, method, request, attributes, rule, reason, client, principal }: Kept): Texts => {
  const place = request ?? attributes;
  return [id, method, place?.host, place?.path, rule, reason, client, principal];
};

// What is searched is what is shown: a query that is hidden cannot be guessed at.
const textsOf = (kept: Kept): Texts => [
  kept.id,
  kept.method,
  printableHost(kept),
  printablePath(kept),
  kept.rule,
  kept.reason,
  kept.client,
  kept.principal,
];

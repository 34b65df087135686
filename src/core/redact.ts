import type { HeaderMap } from './attributes.ts';
import { printable } from './printable.ts';
import type { Detail } from './verdict.ts';

const membersMax = 64;
const listMax = 16;
const nameMax = 128;
const valueMax = 256;

/** A name, an id or another short text, fit to be written. */
export const short = (text: string): string => printable(text, valueMax);

/** The same; undefined for an empty text, which OCSF's attributes do not take. */
export const shortOrNone = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : short(text);

/** The one header that is written: who the client says it is. */
export const userAgent = (headers: HeaderMap | undefined): string | undefined =>
  shortOrNone(headers?.get('user-agent')?.[0]);

/** A step's detail, bounded in members and lengths; undefined when it is empty. */
export function boundedDetail(detail: Detail): Detail | undefined {
  const members = Object.entries(detail).slice(0, membersMax);
  if (members.length === 0) return undefined;
  return Object.fromEntries(members.map(([name, value]) => [printable(name, nameMax), bounded(value)]));
}

function bounded(value: Detail[string]): Detail[string] {
  if (typeof value === 'string') return short(value);
  return typeof value === 'object' ? value.slice(0, listMax).map(short) : value;
}

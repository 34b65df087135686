import { claimReader } from './claim.ts';
import { isToken } from './header-name.ts';
import type { Json } from './json.ts';
import type { Subject } from './plan.ts';

/** A compiled reference to something that a request or its principal carries. */
export interface Reference {
  /** The text it was parsed from. */
  readonly text: string;
  /** Whether it can only be read once the principal is known. */
  readonly needsPrincipal: boolean;
  /** The value; undefined when the subject does not have it. */
  readonly read: (subject: Subject) => string | undefined;
}

type Read = Reference['read'];

/** References that stand for themselves. */
const plain = {
  'principal.key': ({ principal }) => principal?.key,
  'principal.id': ({ principal }) => principal?.id,
  'principal.source': ({ principal }) => principal?.source,
  api_key: ({ principal }) => (principal?.kind === 'api_key' ? principal.credentialId : undefined),
  'client.address': ({ request }) => request.clientAddress || undefined,
  route: ({ rule }) => rule,
  method: ({ request }) => request.method,
  host: ({ request }) => request.host,
} as const satisfies Record<string, Read>;

/** References that take a name after a dot: which names there can be, and how it is read. */
const named = {
  header: {
    fits: isToken,
    reader: (name) => {
      const lower = name.toLowerCase();
      return ({ request }) => request.headers.get(lower)?.join(', ');
    },
  },
  path: {
    fits: (name) => /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name),
    reader: (name) => (subject) => subject.parameters.get(name),
  },
  claims: {
    fits: (name) => /^[^.\s{}]+(\.[^.\s{}]+)*$/.test(name),
    reader: (name) => {
      const read = claimReader(name);
      return ({ principal }) => (principal === undefined ? undefined : scalar(read(principal.claims)));
    },
  },
} as const satisfies Record<
  string,
  { readonly fits: (name: string) => boolean; readonly reader: (name: string) => Read }
>;

/** How references are written, for messages and documentation. */
export const referenceForms: readonly string[] = Object.freeze([
  ...Object.keys(plain),
  'header.NAME',
  'path.PARAMETER',
  'claims.NAME',
]);

/**
 * Parses a reference: `principal.key`, `principal.id`, `principal.source`, `api_key` (the id of the key, for principals
 * that came with one), `client.address`, `route` (the rule's id), `method`, `host`, `header.NAME` (several values are
 * joined by a comma), `path.PARAMETER`, `claims.NAME` (strings, numbers and booleans; a dotted name goes into objects,
 * unless a claim has that very name). Undefined when the text is none of these.
 */
export function parseReference(text: string): Reference | undefined {
  if (Object.hasOwn(plain, text)) {
    const form = text as keyof typeof plain; // hasOwn has just said so
    return { text, needsPrincipal: form === 'api_key' || form.startsWith('principal.'), read: plain[form] };
  }
  const dot = text.indexOf('.');
  const kind = text.slice(0, Math.max(0, dot));
  const name = text.slice(dot + 1);
  if (!Object.hasOwn(named, kind)) return undefined;
  const form = kind as keyof typeof named; // hasOwn has just said so
  if (!named[form].fits(name)) return undefined;
  return { text, needsPrincipal: form === 'claims', read: named[form].reader(name) };
}

function scalar(value: Json | undefined): string | undefined {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      return undefined;
  }
}

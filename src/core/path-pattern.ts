import { canonicalHost } from './host.ts';

/** What compiling a pattern gives: the pattern, or why the text is none, as a clause that follows the text. */
type PatternResult<P> = { readonly ok: true; readonly pattern: P } | { readonly ok: false; readonly problem: string };

/** A compiled path pattern. */
export interface PathPattern {
  /** The names of its `{name}` segments, in their order. */
  readonly names: readonly string[];
  /** The parameters with which the decoded segments match; undefined when they do not. */
  readonly match: (segments: readonly string[]) => ReadonlyMap<string, string> | undefined;
}

/** A compiled host pattern, asked with a host in normal form. */
interface HostPattern {
  readonly match: (host: string) => boolean;
}

type Segment = { readonly literal: string } | { readonly name: string };

const noParameters: ReadonlyMap<string, string> = new Map();
const refuse = (problem: string): { readonly ok: false; readonly problem: string } => ({ ok: false, problem });

const literalProblems: readonly (readonly [RegExp, string])[] = [
  [/%/, 'has a "%": write the character itself, not its percent-encoding'],
  [/[?#;\\]/, 'has one of ? # ; \\ which no path can have'],
  [/[*{}]/, 'has * or { } inside a segment: "{name}" is a whole segment and "/**" stands at the end'],
  [/\p{Cc}/u, 'has a control character'],
  [/^\.\.?$/, 'has a dot segment, which no path can have'],
];

function parseSegment(text: string): Segment | { readonly problem: string } {
  const name = /^\{(.*)\}$/s.exec(text)?.[1];
  if (name !== undefined) {
    return /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)
      ? { name }
      : { problem: `has the name "{${name}}": a letter or "_" first, then letters, digits, "_" or "-", at most 64` };
  }
  const problem = literalProblems.find(([forbidden]) => forbidden.test(text))?.[1];
  return problem === undefined ? { literal: text } : { problem };
}

function matcher(wanted: readonly Segment[], openEnded: boolean): PathPattern['match'] {
  return (segments) => {
    if (!openEnded && segments.length !== wanted.length) return undefined;
    let parameters: Map<string, string> | undefined;
    for (const [index, want] of wanted.entries()) {
      const segment = segments[index];
      if ('literal' in want) {
        if (segment !== want.literal) return undefined;
        continue;
      }
      if (segment === undefined || segment === '') return undefined;
      parameters ??= new Map();
      parameters.set(want.name, segment);
    }
    return parameters ?? noParameters;
  };
}

/**
 * Compiles "/orders", "/orders/{id}" or "/files/**".
 * Case counts, and so does a trailing slash: "/orders/" is another path than "/orders". `{name}` is one segment that is
 * not empty; a name stands once. A closing `/**` takes the rest, also none: "/files/**" takes "/files", "/files/" and all
 * below. Literals are compared with decoded segments, so they are written decoded.
 */
export function compilePathPattern(text: string): PatternResult<PathPattern> {
  if (!text.startsWith('/')) return refuse('does not begin with a slash');
  const openEnded = text.endsWith('/**');
  const parts = text
    .slice(1, openEnded ? -2 : undefined)
    .split('/')
    .slice(0, openEnded ? -1 : undefined);
  const segments: Segment[] = [];
  const names = new Set<string>();
  for (const [index, part] of parts.entries()) {
    if (part === '' && (openEnded || index < parts.length - 1)) return refuse('has an empty segment');
    const segment = parseSegment(part);
    if ('problem' in segment) return refuse(segment.problem);
    if ('name' in segment && names.has(segment.name)) return refuse(`has the name "{${segment.name}}" twice`);
    if ('name' in segment) names.add(segment.name);
    segments.push(segment);
  }
  return { ok: true, pattern: Object.freeze({ names: [...names], match: matcher(segments, openEnded) }) };
}

/**
 * Compiles "api.example.com", "[2001:db8::1]" or "*.example.com".
 * A dot is a dot. The star takes one or more whole labels, as it does in Envoy's virtual hosts: "*.example.com" takes
 * "a.example.com" and "a.b.example.com", not "example.com". Ports are not part of a host.
 */
export function compileHostPattern(text: string): PatternResult<HostPattern> {
  if (text === '*') return refuse('takes every host: leave the hosts away instead');
  const wild = text.startsWith('*.');
  const host = canonicalHost(wild ? text.slice(2) : text);
  if (host === undefined)
    return refuse('is not a host: a name, an IP address or "*." and a name, without scheme and port');
  if (!wild) return { ok: true, pattern: Object.freeze({ match: (asked: string) => asked === host }) };
  if (/^\[|\.\d+$/.test(host)) return refuse('has a star before an address');
  const suffix = `.${host}`;
  const match = (asked: string) => asked.length > suffix.length && asked.endsWith(suffix);
  return { ok: true, pattern: Object.freeze({ match }) };
}

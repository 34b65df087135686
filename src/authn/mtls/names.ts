import type { BuildContext } from '../../core/build.ts';
import type { ClientCertificate } from '../../core/certificate.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { compilePathPattern } from '../../core/path-pattern.ts';
import { isPrincipalId } from '../text.ts';
import { isSpiffe, isTrustDomain, parseSpiffeId } from './spiffe.ts';

/** The name by which a certificate is accepted, that none is, or that it cannot be what it claims to be. */
type FoundName = { readonly name: string } | 'none' | 'malformed';

/** The names that an identity accepts. */
export interface AcceptedNames {
  find(certificate: ClientCertificate): FoundName;
  /** Whether a name, or a pattern of names, is one of them; what stands in `roles` must be. */
  accepts(name: string): boolean;
}

type Kind = AcceptedNames & { readonly configured: boolean };

const dnsName = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/;
const lists = {
  uris: {
    read: ({ uris }) => uris,
    sound: (text) => /^[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]+$/.test(text) && !isSpiffe(text),
    wanted: 'a URI that is no SPIFFE ID; those stand in spiffe',
  },
  emails: {
    read: ({ emails }) => emails,
    sound: (text) => /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/.test(text),
    wanted: 'a mail address',
  },
  subjects: {
    read: ({ subject }) => [subject],
    // RFC 4514 section 3: neither a quote nor a backslash stands without one before it.
    sound: (text) => /^[A-Za-z0-9.]+=(?:[^"\\]|\\.)*$/.test(text) && /^[\x20-\x7e]+$/.test(text) && isPrincipalId(text),
    wanted: 'a distinguished name like CN=billing,O=Example, escaped as RFC 4514 has it',
  },
} as const satisfies Record<string, ListKind>;

interface ListKind {
  readonly read: (certificate: ClientCertificate) => readonly string[];
  readonly sound: (text: string) => boolean;
  /** What an item must be. */
  readonly wanted: string;
}

/** Reads the accepted names; what is wrong is an issue, and accepts nothing. */
export function readNames(reader: Reader, context: BuildContext): AcceptedNames {
  const kinds = [
    readSpiffe(reader, context.at('spiffe')),
    readList('uris', reader, context),
    readDns(reader, context),
    readList('emails', reader, context),
    readList('subjects', reader, context),
  ];
  if (!kinds.some(({ configured }) => configured)) {
    context.issue([], 'must accept some name: spiffe, uris, dns, emails or subjects');
  }
  return {
    find: (certificate) => {
      for (const kind of kinds) {
        const found = kind.find(certificate);
        if (found !== 'none') return found;
      }
      return 'none';
    },
    accepts: (name) => kinds.some((kind) => kind.accepts(name)),
  };
}

const firstOf = (names: readonly string[], accepts: (name: string) => boolean): FoundName => {
  const name = names.find(accepts);
  return name === undefined ? 'none' : { name };
};

function readSpiffe(reader: Reader, context: BuildContext): Kind {
  const configured = reader.has('spiffe');
  const options = openReader(reader.raw('spiffe') ?? {}, (path, message) => context.issue(path, message));
  const domains = options.texts('trust_domains', []);
  if (configured && domains.length === 0) context.issue(['trust_domains'], 'must name at least one trust domain');
  for (const [index, domain] of domains.entries()) {
    if (!isTrustDomain(domain)) context.issue(['trust_domains', index], 'must be like "prod.example", in lower case');
  }
  const paths = options.texts('paths', ['/**']).map((path, index) => {
    const compiled = compilePathPattern(path);
    if (!compiled.ok) context.issue(['paths', index], `"${path}" ${compiled.problem}`);
    return compiled.ok ? compiled.pattern.match : () => undefined;
  });
  const accepts = (uri: string): boolean => {
    const id = parseSpiffeId(uri);
    return (
      id !== undefined && domains.includes(id.trustDomain) && paths.some((fits) => fits(id.segments) !== undefined)
    );
  };
  return {
    configured,
    find: ({ uris }) => {
      const [first = ''] = uris;
      if (!configured || !uris.some(isSpiffe)) return 'none';
      // X509-SVID section 2: one URI and no other, or it cannot be told which of them was meant.
      return uris.length > 1 || parseSpiffeId(first) === undefined ? 'malformed' : firstOf(uris, accepts);
    },
    accepts: (name) =>
      name.endsWith('/**')
        ? domains.includes(parseSpiffeId(`${name.slice(0, -3)}/any`)?.trustDomain ?? '')
        : accepts(name),
  };
}

function readDns(reader: Reader, context: BuildContext): Kind {
  const sound = (pattern: string): boolean => dnsName.test(pattern.replace(/^\*\./, ''));
  const wanted = reader.texts('dns', []).map((name) => name.toLowerCase());
  for (const [index, pattern] of wanted.entries()) {
    if (!sound(pattern)) context.issue(['dns', index], 'must be a DNS name, with at most a leading "*."');
  }
  const patterns = new Set(wanted.filter(sound));
  const accepts = (name: string): boolean =>
    dnsName.test(name) && (patterns.has(name) || patterns.has(wildcardOf(name)));
  return {
    configured: reader.has('dns'),
    find: ({ dnsNames }) =>
      firstOf(
        dnsNames.map((name) => name.toLowerCase()),
        accepts,
      ),
    accepts: (name) => patterns.has(name) || accepts(name),
  };
}

/** The pattern with a star that covers a DNS name. */
export const wildcardOf = (name: string): string => name.replace(/^[^.]*/, '*');

function readList(list: keyof typeof lists, reader: Reader, context: BuildContext): Kind {
  const { read, sound, wanted }: ListKind = lists[list];
  const names = reader.texts(list, []);
  for (const [index, name] of names.entries()) if (!sound(name)) context.issue([list, index], `must be ${wanted}`);
  const accepted = new Set(names.filter(sound));
  const accepts = (name: string): boolean => accepted.has(name);
  return { configured: reader.has(list), find: (certificate) => firstOf(read(certificate), accepts), accepts };
}

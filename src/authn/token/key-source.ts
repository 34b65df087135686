import type { BuildContext } from '../../core/build.ts';
import { isObject } from '../../core/json.ts';
import { openReader, type Reader } from '../../core/options.ts';
import { readOutbound } from '../../outbound/options.ts';
import type { AuthnDeps } from '../authenticator.ts';
import { loadKeys } from '../provider-side/key-sets/jwk.ts';
import type { KeySet, KeySetSpec } from '../provider-side/key-sets/key-set.ts';
import { staticKeySet } from '../provider-side/key-sets/static-set.ts';

/** Where the keys of an identity come from. */
interface KeySource {
  readonly keySet: KeySet;
  /** The spec of a remote set; undefined for keys that are read at load. */
  readonly spec: KeySetSpec | undefined;
}

const sources = ['url', 'file', 'inline', 'discovery'] as const;
const noKeys: KeySource = Object.freeze({ keySet: staticKeySet(undefined), spec: undefined });
const day = 24 * 3_600_000;

/** Reads `jwks:`; what is wrong is an issue, and gives a set without keys. */
export function readKeySource(
  id: string,
  issuer: string,
  jwks: unknown,
  context: BuildContext,
  deps: AuthnDeps,
): KeySource {
  const reader = openReader(jwks, (path, message) => context.issue(path, message));
  const named = sources.filter((name) => reader.has(name));
  const [source] = named;
  if (source === undefined || named.length > 1) {
    if (isObject(jwks)) context.issue([], `must have exactly one of ${sources.join(', ')}`);
    return noKeys;
  }
  switch (source) {
    case 'inline':
      return {
        keySet: loadStatic(id, reader.raw('inline'), (message) => context.issue(['inline'], message), deps),
        spec: undefined,
      };
    case 'file':
      return readFile(id, reader, context, deps);
    case 'url':
    case 'discovery':
      return readRemote(id, issuer, reader, source, context, deps);
    default:
      return source satisfies never;
  }
}

function readFile(id: string, reader: Reader, context: BuildContext, deps: AuthnDeps): KeySource {
  const name = reader.text('file', '');
  const file = name === '' ? undefined : context.at('file').file(name);
  const document = file?.document();
  if (file === undefined || document === undefined) return noKeys;
  return { keySet: loadStatic(id, document, (message) => file.issue([], message), deps), spec: undefined };
}

function loadStatic(identity: string, document: unknown, issue: (message: string) => void, { log }: AuthnDeps): KeySet {
  const loaded = loadKeys(document);
  for (const { index, fault } of loaded.leftOut) {
    // A set from elsewhere may hold keys for other uses; a private key in a config is a leak in the making.
    if (fault === 'private') issue(`the key at index ${index} holds a secret part; keep only the public one here`);
    else log.warn({ identity, key: index, fault }, 'a key of the key set is left out');
  }
  if (!loaded.ok) issue(`the key set is refused: ${loaded.problem}`);
  return staticKeySet(loaded.ok ? loaded.keys : undefined);
}

function readRemote(
  id: string,
  issuer: string,
  reader: Reader,
  kind: 'url' | 'discovery',
  context: BuildContext,
  deps: AuthnDeps,
): KeySource {
  if (kind === 'discovery' && reader.raw('discovery') !== true) context.issue(['discovery'], 'must be true');
  const url = kind === 'url' ? reader.text('url', '') : issuer;
  if (kind === 'discovery' && issuer.includes('?')) context.issue([kind], 'the issuer must not have a query');
  const spec: KeySetSpec = {
    identity: id,
    source: kind === 'url' ? { kind, url } : { kind, issuer },
    refreshMs: reader.durationMs('refresh', '5m', { minMs: 100, maxMs: 7 * day }),
    staleIfErrorMs: reader.durationMs('stale_if_error', '24h', { minMs: 0, maxMs: 30 * day }),
    unknownKidCooldownMs: reader.durationMs('unknown_kid_cooldown', '30s', { minMs: 100, maxMs: day }),
    outbound: readOutbound(reader, context, {
      timeout: '2s',
      maxBytes: 1024 ** 2,
      urls: [{ option: kind, url, ...(kind === 'discovery' && { called: 'the issuer' }) }],
    }),
  };
  if (url === '') return noKeys;
  return { keySet: deps.keySets.resolve(spec), spec };
}

import { timingSafeEqual } from 'node:crypto';
import type { HeaderMap, NormalRequest } from '../core/attributes.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { isHeaderName, proxyHeaders } from '../core/header-name.ts';
import { type Identified, identified } from '../core/identified.ts';
import { noMemberships, type Principal, principalKey } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { abstain, type Detail, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import { hashApiKey, isApiKey } from './api-key/format.ts';
import { type KeyRecord, readKeysFile } from './api-key/keys-file.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { apiKeyChallenge, challengeHeaders } from './challenge.ts';
import { openReader } from './options.ts';

interface KeyTable {
  readonly id: string;
  readonly header: string;
  readonly records: ReadonlyMap<string, KeyRecord>;
  readonly clock: Clock;
}

const schema: JsonSchema = Object.freeze({
  type: 'object',
  additionalProperties: false,
  description: 'API keys in a header of their own; only their hashes are configured.',
  required: ['keys_file'],
  properties: {
    header: {
      type: 'string',
      minLength: 1,
      description: 'The header that carries the key. Default x-api-key.',
    },
    keys_file: {
      type: 'string',
      minLength: 1,
      description:
        'A YAML file with hashes, owners, roles, scopes, plans and expiry dates; made with `portcullis key new`.',
    },
  },
});

const defaultHeader = 'x-api-key';
const maxHeaderLength = 64;
// Headers with a meaning of their own, which would be stripped or misread.
const taken: ReadonlySet<string> = new Set([...proxyHeaders, 'authorization', 'proxy-authorization', 'cookie']);
const nobody = Buffer.alloc(32);

/** API keys: 256 random bits, kept as SHA-256, with an owner, roles and an expiry date. */
export const apiKey: AuthenticatorKind = Object.freeze({ schema, build: buildApiKey });

function buildApiKey(id: string, options: unknown, context: BuildContext, { clock }: AuthnDeps): Authenticator {
  const reader = openReader(options, (path, message) => context.issue(path, message));
  const header = reader.text('header', defaultHeader).toLowerCase();
  if (!isFree(header)) context.issue(['header'], 'must be the name of a header of its own');
  const name = reader.text('keys_file', '');
  if (!reader.has('keys_file')) context.issue(['keys_file'], 'is required');
  const file = name === '' ? undefined : context.at('keys_file').file(name);
  const records = new Map(
    (file === undefined ? [] : readKeysFile(file)).map((record) => [indexOf(record.hash), record]),
  );
  const table: KeyTable = { id, header, records, clock };
  return {
    id,
    kind: 'api_key',
    places: [{ in: 'header', name: header }],
    challenge: apiKeyChallenge(header),
    issuer: undefined,
    keySets: [],
    present: ({ headers }) => (headers.get(header)?.length ?? 0) > 0,
    recognises: ({ headers }) => {
      const presented = readKey(headers, header);
      return presented !== undefined && isApiKey(presented) && lookUp(table, presented) !== undefined;
    },
    authenticate: (request, signal) => guarded(signal, async () => authenticate(table, request)),
    describe: ({ headers }) => describe(headers, header),
    ready: () => true,
    ...plainAuthenticator,
  };
}

// Proxies drop or refuse names with an underscore.
const isFree = (header: string): boolean =>
  isHeaderName(header) && header.length <= maxHeaderLength && !header.includes('_') && !taken.has(header);

const indexOf = (hash: Uint8Array): string => Buffer.from(hash).toString('latin1');

/** The key; undefined when the header holds several, also when the proxy has joined them by a comma. */
function readKey(headers: HeaderMap, header: string): string | undefined {
  const values = headers.get(header) ?? [];
  const [value] = values;
  return values.length > 1 || value?.includes(',') ? undefined : value;
}

function describe(headers: HeaderMap, header: string): string {
  if (!headers.has(header)) return 'nothing';
  const presented = readKey(headers, header);
  if (presented === undefined) return 'several values';
  return isApiKey(presented) ? 'an API key of our form' : 'something that is no API key of ours';
}

function authenticate(table: KeyTable, { headers }: NormalRequest): Verdict<Identified> {
  const { id, header, clock } = table;
  const bad = (reason: Reason, detail: Detail = {}): Reject =>
    reject(reason, { identity: id, ...detail }, { headers: challengeHeaders([apiKeyChallenge(header)]) });
  if ((headers.get(header)?.length ?? 0) === 0) return abstain();
  const presented = readKey(headers, header);
  if (presented === undefined) return bad('credential_ambiguous');
  if (!isApiKey(presented)) return bad('api_key_malformed');
  const record = lookUp(table, presented);
  if (record === undefined) return bad('api_key_unknown');
  if (record.expiresMs !== undefined && clock.nowMs() >= record.expiresMs)
    return bad('api_key_expired', { key: record.id });
  return passWith(identified(principalOf(id, record)), { identity: id, key: record.id });
}

/** Looks up the hash, never the key: what a caller can learn from the time it takes is of no use without the key. */
function lookUp({ records }: KeyTable, presented: string): KeyRecord | undefined {
  const hash = hashApiKey(presented);
  const record = records.get(indexOf(hash));
  // Known or not, every key is hashed once, looked up once and compared once.
  const same = timingSafeEqual(hash, record?.hash ?? nobody);
  return same ? record : undefined;
}

const principalOf = (source: string, { id, owner, roles, scopes, expiresMs, claims }: KeyRecord): Principal => ({
  source,
  id: owner,
  key: principalKey(source, owner),
  kind: 'api_key',
  roles,
  memberships: noMemberships,
  scopes,
  issuer: undefined,
  credentialId: id,
  sessionId: undefined,
  issuedMs: undefined,
  expiresMs,
  boundBy: undefined,
  claims,
});

import { parseAddress } from '../core/address.ts';
import { createAddressSet } from '../core/address-set.ts';
import type { NormalRequest } from '../core/attributes.ts';
import type { BuildContext } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import { type Identified, identified } from '../core/identified.ts';
import { openReader } from '../core/options.ts';
import { type Claims, noMemberships, type Principal, principalKey } from '../core/principal.ts';
import type { Reason } from '../core/reason.ts';
import { abstain, type Detail, fail, passWith, type Reject, reject, type Verdict } from '../core/verdict.ts';
import { isCrossSite } from './api-key/cross-site.ts';
import type { KeyRecord } from './api-key/entry.ts';
import { hashApiKey, isApiKey, looksLikeApiKey } from './api-key/format.ts';
import { type KeyPlace, type PresentedKey, readPlace } from './api-key/place.ts';
import { apiKeySchema } from './api-key/schema.ts';
import type { Lookup } from './api-key/shared-keys.ts';
import { readKeyStore } from './api-key/store.ts';
import {
  type Authenticator,
  type AuthenticatorKind,
  type AuthnDeps,
  guarded,
  plainAuthenticator,
} from './authenticator.ts';
import { type ChallengeError, challengeHeaders, withError } from './challenge.ts';

/** One identity's keys: where they are presented, and who knows them. */
interface ApiKeys {
  readonly id: string;
  readonly place: KeyPlace;
  readonly find: (hash: Uint8Array) => Promise<Lookup>;
  readonly clock: Clock;
}

/** API keys: 256 random bits, kept as SHA-256, with an owner, roles and an expiry date. */
export const apiKey: AuthenticatorKind = Object.freeze({ schema: apiKeySchema, build: buildApiKey });

function buildApiKey(id: string, options: unknown, context: BuildContext, deps: AuthnDeps): Authenticator {
  const reader = openReader(options, (path, message) => context.issue(path, message));
  const place = readPlace(reader, context);
  return authenticatorOf({ id, place, find: readKeyStore(id, reader, context, deps), clock: deps.clock });
}

// Apart from what reads the options: these closures live as long as the plan, and must not keep the files of a load.
function authenticatorOf(keys: ApiKeys): Authenticator {
  const { id, place } = keys;
  return {
    id,
    kind: 'api_key',
    places: [place.place],
    challenge: place.challenge,
    issuer: undefined,
    keySets: [],
    present: (request) => place.read(request).kind !== 'absent',
    recognises: (request) => {
      const presented = place.read(request);
      return presented.kind === 'key' && looksLikeApiKey(presented.key);
    },
    authenticate: (request, signal) => guarded(signal, () => authenticate(keys, request)),
    describe: (request) => describe(place.read(request)),
    ready: () => true,
    ...plainAuthenticator,
  };
}

function describe(presented: PresentedKey): string {
  switch (presented.kind) {
    case 'absent':
      return 'nothing';
    case 'ambiguous':
      return 'several values';
    case 'malformed':
      return 'a value that is not well formed';
    case 'other_scheme':
      return 'a credential of another scheme';
    case 'key':
      if (isApiKey(presented.key)) return 'an API key of our form';
      return looksLikeApiKey(presented.key) ? 'an API key with a typo' : 'something that is no API key of ours';
    default:
      return presented satisfies never;
  }
}

const refuse = ({ id, place }: ApiKeys, reason: Reason, error: ChallengeError | undefined, detail: Detail): Reject => {
  const challenge = error === undefined ? place.challenge : withError(place.challenge, error);
  return reject(reason, { identity: id, ...detail }, { headers: challengeHeaders([challenge]) });
};

async function authenticate(keys: ApiKeys, request: NormalRequest): Promise<Verdict<Identified>> {
  const presented = keys.place.read(request);
  switch (presented.kind) {
    case 'absent':
      return abstain();
    case 'ambiguous':
      return refuse(keys, 'credential_ambiguous', 'invalid_request', {});
    case 'malformed':
      return refuse(keys, 'credential_malformed', 'invalid_token', {});
    case 'other_scheme':
      // RFC 6750 section 3.1: who used another scheme is told what to use, and of no error.
      return refuse(keys, 'credential_malformed', undefined, { problem: 'scheme' });
    case 'key':
      if (keys.place.ambient && isCrossSite(request)) return reject('origin_mismatch', { identity: keys.id });
      return verify(keys, presented.key, request.clientAddress);
    default:
      return presented satisfies never;
  }
}

async function verify(keys: ApiKeys, key: string, clientAddress: string): Promise<Verdict<Identified>> {
  const { id: identity, find, clock } = keys;
  const bad = (reason: Reason, detail: Detail = {}): Reject => refuse(keys, reason, 'invalid_token', detail);
  // The checksum comes first: a typo, or a key of somebody else, costs no lookup.
  if (!isApiKey(key)) return bad('api_key_malformed');
  const found = await find(hashApiKey(key));
  if (found.kind === 'unavailable') return fail('key_store_unavailable', { identity, problem: found.problem });
  if (found.kind === 'unknown') return bad('api_key_unknown');
  const { record, stale = false } = found;
  const named = { key: record.id, ...(stale ? { stale } : {}) };
  if (record.revoked) return bad('api_key_revoked', named);
  if (record.expiresMs !== undefined && clock.nowMs() >= record.expiresMs) return bad('api_key_expired', named);
  if (!isFrom(record, clientAddress)) {
    // The key is good, and 403: other credentials would not help from here.
    return reject('api_key_address', { identity, ...named, client_address: clientAddress });
  }
  return passWith(identified(principalOf(identity, record)), { identity, ...named });
}

function isFrom({ addresses }: KeyRecord, clientAddress: string): boolean {
  if (addresses === undefined) return true;
  const client = parseAddress(clientAddress);
  return client !== undefined && createAddressSet(addresses.map((prefix) => ({ prefix }))).find(client) !== undefined;
}

const principalOf = (source: string, record: KeyRecord): Principal => ({
  source,
  id: record.owner,
  key: principalKey(source, record.owner),
  kind: 'api_key',
  roles: new Set(record.roles),
  memberships: noMemberships,
  scopes: new Set(record.scopes),
  issuer: undefined,
  credentialId: record.id,
  sessionId: undefined,
  issuedMs: record.createdMs,
  expiresMs: record.expiresMs,
  boundBy: undefined,
  claims: claimsOf(record),
});

const claimsOf = ({ owner, plan, claims }: KeyRecord): Claims =>
  Object.freeze(Object.assign(Object.create(null), claims, { owner }, plan === undefined ? {} : { plan }));

import type { AuthnDeps } from '../authenticator.ts';
import type { KeySetSpec } from '../provider-side/key-sets/key-set.ts';
import { staticKeySet } from '../provider-side/key-sets/static-set.ts';
import { findProvider } from '../provider-side/provider/index.ts';
import { openTurns } from '../turns.ts';
import type { OidcOptions } from './options.ts';
import type { OidcParts } from './parts.ts';
import { openRefusals } from './refusals.ts';
import { openRenewals } from './renewal.ts';
import { openSealer } from './seal.ts';
import { principalOf, type Session } from './session.ts';
import { keepInCookies } from './session-keeper.ts';
import { keepInStore } from './shared-sessions.ts';

const minute = 60_000;
const hour = 60 * minute;
// Logins that end at the same time, and those that wait for their turn: anybody can send codes that are none.
const atOnce = 32;
const longestLine = 200;
const noKeys = staticKeySet(undefined);

/** Puts together what an oidc identity works with, and names the key sets that it needs; asks nobody yet. */
export function openParts(
  id: string,
  options: OidcOptions,
  deps: AuthnDeps,
): { readonly parts: OidcParts; readonly keySets: readonly KeySetSpec[] } {
  const { issuer, client, outbound, session, publicUrl } = options;
  const { clock, log, signals, accounts, revocations, state } = deps;
  const { values } = state;
  const keys: KeySetSpec = {
    identity: id,
    source: { kind: 'discovery', issuer },
    refreshMs: 5 * minute,
    staleIfErrorMs: 24 * hour,
    unknownKidCooldownMs: minute / 2,
    outbound,
  };
  // A name that stands in no config asks for nothing.
  const named = issuer !== '';
  const known = {
    id,
    options,
    provider: findProvider(
      { identity: id, issuer, client, outbound, refreshMs: hour, staleIfErrorMs: 24 * hour },
      deps,
    ),
    keySet: named ? deps.keySets.resolve(keys) : noKeys,
    keeper: openKeeper(id, options, deps),
    watches: false,
    logins: openSealer(session.keys, 'login'),
    handOvers: openSealer(session.keys, 'hand-over'),
    context: contextOf(id, issuer, publicUrl, session.cookie),
    values,
    revocations,
    clock,
    log,
    signals,
    accounts,
    refused: {
      login: openRefusals('a login failed', deps),
      logout: openRefusals('a back-channel logout was refused', deps),
    },
    turns: openTurns(atOnce, longestLine),
  };
  return { parts: { ...known, renewals: openRenewals(known) }, keySets: named ? [keys] : [] };
}

// A cookie of another identity, provider or host is not one of ours, whoever shares the keys.
const contextOf = (...parts: readonly string[]): readonly string[] => parts;

function openKeeper(id: string, options: OidcOptions, { state: { values }, clock }: AuthnDeps): OidcParts['keeper'] {
  const { issuer, publicUrl, session, claims } = options;
  const { absoluteMs, idleMs } = session;
  const rules = { source: id, issuer, roles: claims.roles, scopes: claims.scopes, absoluteMs };
  const keeping = {
    sealer: openSealer(session.keys, 'session'),
    context: contextOf(id, issuer, publicUrl, session.cookie),
    principalOf: (of: Session) => principalOf(of, rules),
    cache: session.cache,
  };
  if (session.store === 'cookie') return keepInCookies(keeping);
  return keepInStore({ ...keeping, records: openSealer(session.keys, 'record'), values, clock, idleMs, absoluteMs });
}

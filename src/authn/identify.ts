import type { NormalRequest } from '../core/attributes.ts';
import { type BanLookup, banDetail, noBans } from '../core/ban.ts';
import type { BuildContext } from '../core/build.ts';
import { placeName } from '../core/credential.ts';
import type { HeaderMutation } from '../core/decision.ts';
import type { Identified } from '../core/identified.ts';
import { whenKnown } from '../core/patience.ts';
import type { Mode, Rule } from '../core/plan.ts';
import type { Revocations } from '../core/revocation.ts';
import {
  abstain,
  fail,
  type Pass,
  passWith,
  type Refusal,
  type Reject,
  reject,
  type Verdict,
} from '../core/verdict.ts';
import { type Authenticator, guarded, type Judgement } from './authenticator.ts';
import { challengeHeaders, withError } from './challenge.ts';
import { readSelection } from './selection.ts';

/** What a rule says of its callers. */
interface IdentifyOptions {
  /** The rule's `identity:`: a list, {first_of: […]} or {all_of: […]}. */
  readonly selection: unknown;
  /** The rule's `optional:`: no credential at all is good too. */
  readonly optional: boolean;
  /** The rule's `mode:`; enforce where none is given. */
  readonly mode?: Mode;
  readonly authenticators: ReadonlyMap<string, Authenticator>;
  readonly revocations: Revocations;
  /** Who is banned; default: nobody is. */
  readonly bans?: Pick<BanLookup, 'onPrincipal'>;
  /** Issues are reported at the rule's `identity:`. */
  readonly context: BuildContext;
}

/** Identities that read the same credential: one of them answers for it. */
type Place = readonly [Authenticator, ...Authenticator[]];
/** Judges the places where something stands, of which there is one at least. */
type Identify = (request: NormalRequest, present: readonly Place[], signal: AbortSignal) => Judgement;

/**
 * What a rule does to know its callers. A list: exactly one of the accepted credentials is present, more are credential_ambiguous.
 * first_of: the first that is present decides. all_of: each is present and good, the first is the principal. A credential
 * that is present but bad is its own reason, also where others are missing; none is credential_missing, with the
 * challenges of all, or abstain where it is optional; a browser may be sent to log in instead. What has been revoked is
 * rejected whatever vouches for it, and so is who is banned: each of those that are vouched for.
 */
export function identifySteps(options: IdentifyOptions): Pick<Rule, 'identify' | 'sightings' | 'stepUp'> {
  const { selection, optional, authenticators, revocations, bans = noBans, context } = options;
  const watches = options.mode === 'shadow';
  const { mode, ids } = readSelection(selection, new Set(authenticators.keys()), context);
  const accepted = ids.flatMap((id) => authenticators.get(id) ?? []);
  const places = groupByPlace(accepted);
  reportTwins(places, mode === 'all_of', context);
  const judge = unlessRefused(revocations, bans, watches);
  const step = mode === 'all_of' ? allOf(accepted, judge) : oneOf(mode === 'exactly_one', judge);
  return {
    identify: ({ request }, signal) =>
      guarded(signal, () => {
        const present = places.filter(([one]) => one.present(request));
        if (present.length > 0) return step(request, present, signal);
        return optional ? abstain() : missing(accepted, request, signal);
      }),
    sightings: (request) =>
      accepted.map((one) => ({
        identity: one.id,
        kind: one.kind,
        places: one.places.map(placeName),
        found: one.describe(request),
      })),
    stepUp: async ({ request, principal }, rejection, signal) => {
      const voucher = accepted.find(({ id }) => id === principal?.source);
      const sent = await voucher?.login?.(request, rejection.stepUp, signal);
      return sent?.kind === 'reject' && sent.redirect !== undefined ? sent : rejection;
    },
  };
}

type Judge = (one: Authenticator, request: NormalRequest, signal: AbortSignal) => Judgement;

function unlessRefused(revocations: Revocations, bans: Pick<BanLookup, 'onPrincipal'>, watches: boolean): Judge {
  const judge = (one: Authenticator, verdict: Verdict<Identified>): Verdict<Identified> => {
    if (verdict.kind !== 'pass') return verdict;
    const { principal, response } = verdict.value;
    if (!revocations.ready()) return fail('revocations_unavailable', { identity: one.id }, response);
    const revocation = revocations.find(principal);
    if (revocation !== undefined) {
      const headers = challengeHeaders([withError(one.challenge, 'invalid_token')]);
      return reject('credential_revoked', { identity: one.id, revoked: revocation.kind }, { headers });
    }
    const ban = bans.onPrincipal(principal.key);
    return ban === undefined ? verdict : reject('client_banned', { identity: one.id, ...banDetail(ban) });
  };
  return (one, request, signal) => {
    const judged = watches && one.watch !== undefined ? one.watch(request, signal) : one.authenticate(request, signal);
    return whenKnown(judged, (verdict) => judge(one, verdict));
  };
}

function groupByPlace(accepted: readonly Authenticator[]): readonly Place[] {
  const places = new Map<string, Place>();
  for (const one of accepted) {
    const key = one.places.map(placeName).join(', ');
    const group = places.get(key);
    places.set(key, group === undefined ? [one] : [...group, one]);
  }
  return [...places.values()];
}

function reportTwins(places: readonly Place[], each: boolean, context: BuildContext): void {
  for (const place of places) {
    for (const [index, one] of place.entries()) {
      const twin = place
        .slice(0, index)
        .find((other) => each || (one.issuer !== undefined && one.issuer === other.issuer));
      if (twin === undefined) continue;
      const why = each ? 'one credential cannot be both' : 'and take the same issuer: they cannot be told apart';
      context.issue([], `"${twin.id}" and "${one.id}" read the same credential, ${why}`);
    }
  }
}

const oneOf =
  (alone: boolean, authenticate: Judge): Identify =>
  (request, present, signal) => {
    const [first] = present;
    if (first === undefined || (alone && present.length > 1)) return ambiguous(present.flat());
    // Nobody's credential is judged by the first: it knows whether it is malformed or merely of no identity.
    const [judge = first[0], ...others] = first.length === 1 ? first : first.filter((one) => one.recognises(request));
    return inTurn([judge, ...others], authenticate, request, signal);
  };

function inTurn([one, ...others]: Place, authenticate: Judge, request: NormalRequest, signal: AbortSignal): Judgement {
  const verdict = authenticate(one, request, signal);
  const [next, ...rest] = others;
  if (next === undefined) return verdict;
  return whenKnown(verdict, (known) =>
    isForOthers(known) ? inTurn([next, ...rest], authenticate, request, signal) : known,
  );
}

// A token names its issuer; an API key says that it is one, and whose it is only its store knows.
const isForOthers = (verdict: Verdict<Identified>): boolean =>
  verdict.kind === 'reject' && verdict.reason === 'api_key_unknown';

const allOf =
  (accepted: readonly Authenticator[], authenticate: Judge): Identify =>
  async (request, places, signal) => {
    const present = places.flat();
    const verdicts: Pass<Identified>[] = [];
    // What earlier ones renewed must reach the caller, whatever becomes of later ones.
    const responses = (): readonly HeaderMutation[] => verdicts.flatMap(({ value }) => value.response);
    for (const one of present) {
      const verdict = await authenticate(one, request, signal);
      if (verdict.kind === 'abstain') return verdict;
      if (verdict.kind !== 'pass') return withHeaders(verdict, responses());
      verdicts.push(verdict);
    }
    const [first] = verdicts;
    if (first === undefined || present.length < accepted.length) {
      const absent = accepted.filter((one) => !present.includes(one));
      return withHeaders(await missing(absent, request, signal), responses());
    }
    const also = present.slice(1).map(({ id }) => id);
    return passWith({ ...first.value, response: responses() }, { ...first.detail, also });
  };

const withHeaders = (refusal: Refusal, more: readonly HeaderMutation[]): Refusal =>
  more.length === 0 ? refusal : { ...refusal, headers: [...(refusal.headers ?? []), ...more] };

const names = (accepted: readonly Authenticator[]): readonly string[] => accepted.map(({ id }) => id);

async function missing(
  accepted: readonly Authenticator[],
  request: NormalRequest,
  signal: AbortSignal,
): Promise<Refusal> {
  let told: Reject | undefined;
  for (const { login } of accepted) {
    const sent = await login?.(request, undefined, signal);
    if (sent?.kind === 'fail' || sent?.redirect !== undefined) return sent;
    told ??= sent;
  }
  // Nobody can be sent anywhere: all ways in are told.
  return reject(
    told?.reason ?? 'credential_missing',
    { accepted: names(accepted) },
    { headers: challengeHeaders(accepted.flatMap(({ challenge, moreChallenges }) => [challenge, ...moreChallenges])) },
  );
}

const ambiguous = (present: readonly Authenticator[]): Reject =>
  reject(
    'credential_ambiguous',
    { present: names(present) },
    { headers: challengeHeaders(present.map(({ challenge }) => withError(challenge, 'invalid_request'))) },
  );

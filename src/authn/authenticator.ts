import type { AccountAudit } from '../core/account.ts';
import type { NormalRequest } from '../core/attributes.ts';
import { bug } from '../core/bug.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { PresentedCertificate } from '../core/certificate.ts';
import type { Clock } from '../core/clock.ts';
import type { Challenge, CredentialPlace } from '../core/credential.ts';
import type { Endpoint } from '../core/endpoint.ts';
import type { Identified } from '../core/identified.ts';
import type { JsonObject } from '../core/json.ts';
import type { Log, Signals } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Revocations } from '../core/revocation.ts';
import type { StateStore } from '../core/state.ts';
import { abstain, fail, type Refusal, type StepUp, type Verdict } from '../core/verdict.ts';
import type { Outbounds } from '../outbound/registry.ts';
import type { KeyFiles } from './api-key/file-keys.ts';
import type { Lasting } from './lasting.ts';
import type { KeySetSpec, KeySets } from './provider-side/key-sets/key-set.ts';

/** Who it is, or why nobody: at once where nothing must be waited for. */
export type Judgement = Verdict<Identified> | Promise<Verdict<Identified>>;

/** One configured identity: it looks for a credential of its kind and says who presents it. */
export interface Authenticator {
  readonly id: string;
  readonly kind: Principal['kind'];
  /** Where the credential stands; identities with the same places read the same credential. */
  readonly places: readonly CredentialPlace[];
  /** What comes along with a credential and is removed with it: a proof, the state of a login. */
  readonly companions: readonly CredentialPlace[];
  readonly challenge: Challenge;
  /** What is offered besides, where a credential may come in several ways. */
  readonly moreChallenges: readonly Challenge[];
  /** The issuer whose tokens it takes; undefined where credentials have none. */
  readonly issuer: string | undefined;
  /** The remote key sets that it needs: what outlives a reload is decided by these. */
  readonly keySets: readonly KeySetSpec[];
  /** Whether anything stands at its places, good or bad. */
  present(request: NormalRequest): boolean;
  /** Whether the credential claims to be of this identity rather than of another one at the same places; proves nothing. */
  recognises(request: NormalRequest): boolean;
  /**
   * Who it is. abstain: nothing stands at its places. reject: what stands there is bad. fail: the time is up, or the keys
   * are away. Never throws, and never rejects its promise.
   */
  authenticate(request: NormalRequest, signal: AbortSignal): Judgement;
  /**
   * The same for a rule in shadow mode, whose answer reaches nobody: it renews nothing and uses nothing up. Undefined:
   * authenticate does neither.
   */
  readonly watch: Authenticator['authenticate'] | undefined;
  /** What it sees of its credential, in a few words that hold nothing of it; verifies nothing. */
  describe(request: NormalRequest): string;
  /**
   * What becomes of a request without a credential of its own: a browser may be sent to log in. Undefined: this identity
   * has only its challenge to offer. demand: what the login has to bring (RFC 9470); undefined: nothing but a login.
   */
  readonly login:
    | ((request: NormalRequest, demand: StepUp | undefined, signal: AbortSignal) => Promise<Refusal | undefined>)
    | undefined;
  /** Public pages that it needs, by the path below endpointRoot. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** Public keys that providers verify our own assertions with, as JWKs. */
  readonly publishedKeys: readonly JsonObject[];
  /** Whether its keys have been there at least once. */
  ready(): boolean;
}

/** What identities need from outside. */
export interface AuthnDeps {
  readonly clock: Clock;
  readonly keySets: KeySets;
  /** The ways out to servers beyond key sets. */
  readonly outbounds: Outbounds;
  /** What is known of providers and of their tokens, and outlives a plan. */
  readonly lasting: Lasting;
  /** The keys of files, which may have been read ahead. */
  readonly keyFiles: KeyFiles;
  readonly signals: Signals;
  readonly log: Log;
  /** Hears of logins and logouts. */
  readonly accounts: AccountAudit;
  /** Sessions, replay marks, API keys. */
  readonly state: StateStore;
  readonly revocations: Revocations;
  /** The client certificate of a request, taken from where the plan's key client_certificate says. */
  readonly certificates: (request: NormalRequest) => PresentedCertificate;
}

/** One kind of identity: the schema of its options, and what makes an authenticator of them. */
export interface AuthenticatorKind {
  readonly schema: JsonSchema;
  /** Reports every issue and then still gives an authenticator, one that lets nobody in by accident. */
  build(id: string, options: unknown, context: BuildContext, deps: AuthnDeps): Authenticator;
}

/** What most kinds do without: companions of the credential, another way to watch, logins, pages and keys of their own. */
export const plainAuthenticator = Object.freeze({
  companions: [],
  moreChallenges: [],
  watch: undefined,
  login: undefined,
  endpoints: new Map(),
  publishedKeys: [],
}) satisfies Pick<Authenticator, 'companions' | 'watch' | 'moreChallenges' | 'login' | 'endpoints' | 'publishedKeys'>;

/** An authenticator for an identity whose options cannot be read: rules may name it, and it lets nobody in. */
export const standIn = (id: string): Authenticator => ({
  id,
  kind: 'jwt',
  // A place of its own: nothing else reads the same header.
  places: [{ in: 'header', name: `:${id}` }],
  challenge: { scheme: 'Bearer', parameters: {} },
  issuer: undefined,
  keySets: [],
  present: () => false,
  recognises: () => false,
  authenticate: () => abstain(),
  describe: () => 'nothing: its options cannot be read',
  ready: () => true,
  ...plainAuthenticator,
});

/** Runs a step under a signal: what comes too late is deadline_exceeded, what throws is a bug; no promise is rejected. */
export function guarded<T>(
  signal: AbortSignal,
  step: () => Verdict<T> | Promise<Verdict<T>>,
): Verdict<T> | Promise<Verdict<T>> {
  if (signal.aborted) return fail('deadline_exceeded');
  try {
    const inTime = (verdict: Verdict<T>): Verdict<T> => (signal.aborted ? fail('deadline_exceeded') : verdict);
    const verdict = step();
    return verdict instanceof Promise ? verdict.then(inTime, bug) : inTime(verdict);
  } catch (error) {
    return bug(error);
  }
}

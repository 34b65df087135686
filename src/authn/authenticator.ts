import type { NormalRequest } from '../core/attributes.ts';
import { bug } from '../core/bug.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Clock } from '../core/clock.ts';
import type { Challenge, CredentialPlace } from '../core/credential.ts';
import type { Log, Signals } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import { abstain, fail, type Verdict } from '../core/verdict.ts';
import type { KeySetSpec, KeySets } from './key-sets/key-set.ts';

/** One configured identity: it looks for a credential of its kind and says who presents it. */
export interface Authenticator {
  readonly id: string;
  readonly kind: Principal['kind'];
  /** Where the credential stands; identities with the same places read the same credential. */
  readonly places: readonly CredentialPlace[];
  readonly challenge: Challenge;
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
   * are away. Never rejects its promise.
   */
  authenticate(request: NormalRequest, signal: AbortSignal): Promise<Verdict<Principal>>;
  /** Whether its keys have been there at least once. */
  ready(): boolean;
}

/** What identities need from outside. */
export interface AuthnDeps {
  readonly clock: Clock;
  readonly keySets: KeySets;
  readonly signals: Signals;
  readonly log: Log;
}

/** One kind of identity: the schema of its options, and what makes an authenticator of them. */
export interface AuthenticatorKind {
  readonly schema: JsonSchema;
  /** Reports every issue and then still gives an authenticator, one that lets nobody in by accident. */
  build(id: string, options: unknown, context: BuildContext, deps: AuthnDeps): Authenticator;
}

/** An authenticator for an identity whose options cannot be read: rules may name it, and it lets nobody in. */
export const standIn = (id: string): Authenticator => ({
  id,
  kind: 'jwt',
  // A place of its own: nothing else reads the same header.
  places: [{ header: `:${id}` }],
  challenge: { scheme: 'Bearer', parameters: {} },
  issuer: undefined,
  keySets: [],
  present: () => false,
  recognises: () => false,
  authenticate: async () => abstain(),
  ready: () => true,
});

/** Runs a step under a signal: what comes too late is deadline_exceeded, what throws is a bug; the promise never rejects. */
export async function guarded<T>(signal: AbortSignal, step: () => Promise<Verdict<T>>): Promise<Verdict<T>> {
  if (signal.aborted) return fail('deadline_exceeded');
  try {
    const verdict = await step();
    return signal.aborted ? fail('deadline_exceeded') : verdict;
  } catch (error) {
    return bug(error);
  }
}

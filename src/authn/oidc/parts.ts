import type { AccountAudit } from '../../core/account.ts';
import type { Clock } from '../../core/clock.ts';
import type { Challenge } from '../../core/credential.ts';
import { endpointRoot } from '../../core/endpoint.ts';
import type { Log, Signals } from '../../core/ports.ts';
import type { Revocations } from '../../core/revocation.ts';
import type { ValueStore } from '../../core/state.ts';
import { sessionChallenge } from '../challenge.ts';
import type { KeySet } from '../provider-side/key-sets/key-set.ts';
import type { Provider } from '../provider-side/provider/index.ts';
import type { Turns } from '../turns.ts';
import type { OidcOptions } from './options.ts';
import type { TellRefusal } from './refusals.ts';
import type { Sealer } from './seal.ts';
import type { Session } from './session.ts';
import type { SessionKeeper } from './session-keeper.ts';

/** What came of renewing a session's tokens. */
export type Renewal =
  /** The text of its cookie from now on. */
  | { readonly kind: 'renewed'; readonly text: string }
  /** The provider has ended it. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'unavailable' };

/** Renews sessions, each of them once however many requests ask for it. */
export interface Renewals {
  /** The cookie's text and the session that it led to; rejects with a StoreUnavailable. */
  renew(text: string, session: Session): Promise<Renewal>;
}

/** What the parts of an oidc identity work with. */
export interface OidcParts {
  readonly id: string;
  readonly options: OidcOptions;
  readonly provider: Provider;
  readonly keySet: KeySet;
  readonly keeper: SessionKeeper;
  /** Whether the answer reaches nobody: then no session is renewed, and none is noted as used. */
  readonly watches: boolean;
  readonly renewals: Renewals;
  /** Seals logins that are under way. */
  readonly logins: Sealer;
  /** Seals what one replica hands to others. */
  readonly handOvers: Sealer;
  /** What everything sealed is bound to: the identity, the public host, the name of the cookie. */
  readonly context: readonly string[];
  readonly values: ValueStore;
  readonly revocations: Revocations;
  readonly clock: Clock;
  readonly log: Log;
  readonly accounts: AccountAudit;
  /** Hear of refusals that anybody can cause. */
  readonly refused: Readonly<Record<'login' | 'logout', TellRefusal>>;
  /** Logins at whose end the provider is asked. */
  readonly turns: Turns;
  readonly signals: Signals;
}

/** The path of a page of the identity on the public origin. */
export const pagePath = (id: string, page: 'login' | 'callback' | 'logout'): string => `${endpointRoot}${id}/${page}`;

/** The redirect URI that the provider knows us by. */
export const redirectUri = ({ id, options }: Pick<OidcParts, 'id' | 'options'>): string =>
  `${options.publicUrl}${pagePath(id, 'callback')}`;

/** What a caller without a session is told. */
export const challengeOf = ({ id, options }: Pick<OidcParts, 'id' | 'options'>): Challenge =>
  sessionChallenge(`${options.publicUrl}${pagePath(id, 'login')}`);

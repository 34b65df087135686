import type { Attributes, NormalRequest } from './attributes.ts';
import type { HeaderMutation } from './decision.ts';
import type { DescriptorPolicy } from './descriptor.ts';
import type { Endpoint } from './endpoint.ts';
import type { Identified } from './identified.ts';
import type { Principal } from './principal.ts';
import type { Processing } from './processing.ts';
import type { Mode, Subject } from './subject.ts';
import type { Reject, Verdict } from './verdict.ts';

export type { Mode, Subject } from './subject.ts';

/** Why a rule does not take a request, or the parameters with which it does. */
export type Considered =
  | { readonly matches: true; readonly parameters: ReadonlyMap<string, string> }
  | { readonly matches: false; readonly why: 'method' | 'path' | 'host' };

/** Limits of one phase, checked together; the value holds headers that tell the caller where it stands. */
export type LimitStep = (
  subject: Subject,
  signal: AbortSignal,
) => Verdict<readonly HeaderMutation[]> | Promise<Verdict<readonly HeaderMutation[]>>;

/** What one accepted identity sees of its credential in a request, for people; nothing is verified, nothing is told. */
export interface Sighting {
  readonly identity: string;
  readonly kind: string;
  /** Where it looks, like "header authorization". */
  readonly places: readonly string[];
  /** Like "nothing", "a bearer token of another issuer". */
  readonly found: string;
}

/** One compiled rule. Every step is there: what is not configured is a closure that abstains. */
export interface Rule {
  readonly id: string;
  readonly mode: Mode;
  readonly consider: (request: NormalRequest) => Considered;
  /** Limits whose keys need no identity. */
  readonly limitEarly: LimitStep;
  /** abstain: anyone may pass, and nobody is known. A promise, never rejected, where something must be waited for. */
  readonly identify: (subject: Subject, signal: AbortSignal) => Verdict<Identified> | Promise<Verdict<Identified>>;
  /** What each accepted identity sees in a request. */
  readonly sightings: (request: NormalRequest) => readonly Sighting[];
  readonly authorize: (subject: Subject) => Verdict;
  /** What becomes of a rejection that another authentication could lift: a browser may be sent to bring it. */
  readonly stepUp: (subject: Subject, rejection: Reject, signal: AbortSignal) => Promise<Reject>;
  /** Limits whose keys need the principal. */
  readonly limitLate: LimitStep;
  /** A promise where a large payload is looked at on another thread. */
  readonly inspect: (subject: Subject, signal: AbortSignal) => Verdict | Promise<Verdict>;
  /** What is done with bodies on their way, over ExternalProcessor. */
  readonly processing: Processing;
  /** Headers for the upstream besides the ones that every allow sets. */
  readonly upstream: (subject: Subject) => readonly HeaderMutation[] | Promise<readonly HeaderMutation[]>;
  /** Keep the credentials on their way to the upstream. */
  readonly passCredentials: boolean;
}

/** A rule that takes the request, with the path's parameters. */
export interface RuleMatch {
  readonly rule: Rule;
  readonly parameters: ReadonlyMap<string, string>;
}

/** Who watches and who decides: shadow rules that match before the deciding rule, and that rule or why there is none. */
export interface Match {
  readonly shadows: readonly RuleMatch[];
  readonly decides: RuleMatch | Reject;
}

/** Everything that carries a credential in some rule. */
export interface CredentialNames {
  /** As foldedName gives them. */
  readonly headers: ReadonlySet<string>;
  /** As CredentialPlace names them. */
  readonly cookies: readonly string[];
  /** Percent-decoded. */
  readonly queries: ReadonlySet<string>;
}

/** The compiled, frozen config: captured once per call, never changed. */
export interface Plan {
  /** A hash of everything that the plan was compiled from. */
  readonly version: string;
  /** watch hears what address lists in shadow mode would have refused. */
  readonly guard: (attributes: Attributes, watch: (refusal: Reject) => void) => Verdict<NormalRequest>;
  readonly match: (request: NormalRequest) => Match;
  readonly rules: readonly Rule[];
  /** Names, as foldedName gives them, of headers that only we may set towards the upstream. */
  readonly ownedHeaders: ReadonlySet<string>;
  readonly credentials: CredentialNames;
  /** Whether anything can be revoked under this config, so that nobody is let in before it is known what has been. */
  readonly revocable: boolean;
  /** The configured identities and their kinds. */
  readonly identities: ReadonlyMap<string, Principal['kind']>;
  /** Our own public pages, by the path below endpointRoot. */
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** The limits of RateLimitService; undefined when none are configured. */
  readonly descriptors: DescriptorPolicy | undefined;
  /** Identities whose keys must have answered once before we are ready. */
  readonly ready: () => readonly string[];
}

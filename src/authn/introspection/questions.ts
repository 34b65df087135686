import { isObject, type JsonObject, own } from '../../core/json.ts';
import { nobodysSignal } from '../../core/patience.ts';
import type { OutboundOptions } from '../../outbound/outbound.ts';
import type { AuthnDeps } from '../authenticator.ts';
import type { OAuthClient } from '../provider-side/client/index.ts';
import { findProvider } from '../provider-side/provider/index.ts';
import { openTurns } from '../turns.ts';
import { type Answer, unavailable } from './answer.ts';
import { type Breaker, openBreaker } from './breaker.ts';
import { type Call, callEndpoint } from './call.ts';
import type { Signed } from './signed-answer.ts';

/** A provider that is asked about tokens. */
export interface ProviderToAsk {
  /** What the log and the metrics call it. */
  readonly identity: string;
  /** Empty where the config names none. */
  readonly issuer: string;
  /** The endpoint; undefined: the issuer's metadata names it. */
  readonly url: string | undefined;
  readonly client: OAuthClient;
  readonly outbound: OutboundOptions;
}

/** Questions to one provider: never more at once than it can bear, none while it fails. */
interface Questions {
  /**
   * Asks what a token is. wanted: whether anybody still waits for the answer once the turn has come. Never rejects.
   */
  ask(token: string, signed: Signed | undefined, wanted: () => boolean): Promise<Answer>;
  /** Whether it is known where to ask; finds out, in the background, where it is not. */
  ready(): boolean;
}

/** What questions need from outside. */
export type QuestionDeps = Pick<AuthnDeps, 'clock' | 'signals' | 'log' | 'outbounds' | 'lasting'>;

type Tell = (answer: Answer, durationMs: number) => void;
type Place = { readonly url: string; readonly issuer: string };
/** Finds the place, or says why there is none. */
type Locate = { readonly find: () => Promise<Place | string>; readonly ready: () => boolean };

// As many as our way out has connections to one host.
const atOnce = 32;
const longestLine = 1000;
const minute = 60_000;

/** Opens the questions to a provider; asks nothing yet. */
export function openQuestions(provider: ProviderToAsk, deps: QuestionDeps): Questions {
  const { client } = provider;
  const { clock } = deps;
  // Held as a whole: what nobody holds is given up.
  const outbound = deps.outbounds.resolve({ ...provider.outbound, clientCertificate: client.certificate });
  const endpoint = locate(provider, deps);
  const turns = openTurns(atOnce, longestLine);
  const breaker = openBreaker(clock);
  const tell = openTelling(provider, deps);

  const once = async (token: string, signed: Signed | undefined): Promise<Answer> => {
    const place = await endpoint.find();
    if (typeof place === 'string') return unavailable('broken', place);
    return askTwice(token, { ...place, client, fetch: outbound.fetch, signed, clock }, tell);
  };
  return {
    ask: async (token, signed, wanted) => {
      const release = await turns.take(wanted);
      if (release === undefined) return unavailable('unasked', 'too many tokens wait to be looked up');
      try {
        if (!breaker.admits()) return unavailable('unasked', 'the provider is left alone after failures');
        const answer = await once(token, signed).catch(() => unavailable('broken', 'internal error'));
        judge(answer, breaker);
        return answer;
      } finally {
        release();
      }
    },
    ready: endpoint.ready,
  };
}

// A connection that was kept may just have been closed by the other side, which says nothing of the provider.
async function askTwice(token: string, call: Call, tell: Tell): Promise<Answer> {
  const told = async (): Promise<Answer> => {
    const startMs = call.clock.monotonicMs();
    const answer = await callEndpoint(token, call);
    tell(answer, call.clock.monotonicMs() - startMs);
    return answer;
  };
  const answer = await told();
  const mayHelp = answer.kind === 'unavailable' && answer.cause === 'away' && answer.restMs === undefined;
  return mayHelp ? told() : answer;
}

function judge(answer: Answer, breaker: Breaker): void {
  // A token that it does not like is no failure: anybody could send one.
  if (answer.kind !== 'unavailable' || answer.cause === 'unwilling') breaker.succeeded();
  else breaker.failed(answer.restMs);
}

/** Where to ask: the URL of the config, or what the metadata says, for our kind of connection (RFC 8705 section 5). */
function locate({ url, issuer, identity, client, outbound }: ProviderToAsk, deps: QuestionDeps): Locate {
  if (url !== undefined) return { find: async () => ({ url, issuer }), ready: () => true };
  const spec = { identity, issuer, client, outbound, refreshMs: 60 * minute, staleIfErrorMs: 24 * 60 * minute };
  const provider = findProvider(spec, deps);
  return {
    find: async () => {
      const metadata = (await provider.find(nobodysSignal))?.metadata;
      if (metadata === undefined) return 'the metadata of the provider cannot be had';
      const overTls = client.certificate === undefined ? undefined : endpointIn(own(metadata, 'mtls_endpoint_aliases'));
      const found = overTls ?? endpointIn(metadata);
      return found === undefined
        ? 'the metadata names no introspection endpoint that may be asked'
        : { url: found, issuer };
    },
    ready: provider.ready,
  };
}

function endpointIn(members: JsonObject[string] | undefined): string | undefined {
  const url = isObject(members) ? own(members, 'introspection_endpoint') : undefined;
  return typeof url === 'string' ? url : undefined;
}

const quietMs = 1000;

/** Tells metrics of every answer, and the log of what changes, once in a while: a provider that is away would fill it. */
function openTelling({ identity }: ProviderToAsk, { signals, log, clock }: QuestionDeps): Tell {
  let toldProblem: string | undefined;
  let toldMs = Number.NEGATIVE_INFINITY;
  return (answer, durationMs) => {
    const { cause, problem } = answer.kind === 'unavailable' ? answer : {};
    const outcome = cause === undefined ? 'ok' : cause === 'timeout' || cause === 'refused' ? cause : 'error';
    signals.providerCalled(identity, 'introspection', outcome, durationMs);
    if (problem === toldProblem || clock.monotonicMs() - toldMs < quietMs) return;
    toldProblem = problem;
    toldMs = clock.monotonicMs();
    if (problem === undefined) log.info({ identity }, 'the provider says again what tokens are');
    else if (cause === 'refused') log.error({ identity, problem }, 'the provider does not take us for its client');
    else log.warn({ identity, problem }, 'the provider does not say what tokens are');
  };
}

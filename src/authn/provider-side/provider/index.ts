import { allowInsecureRequests, Configuration, customFetch, type ServerMetadata } from 'openid-client';
import type { JsonObject } from '../../../core/json.ts';
import { unlessAborted } from '../../../core/patience.ts';
import type { OutboundOptions } from '../../../outbound/outbound.ts';
import type { AuthnDeps } from '../../authenticator.ts';
import { pauseAfter } from '../backoff.ts';
import type { OAuthClient } from '../client/index.ts';
import { fetchMetadata, type Metadata } from './metadata.ts';

/** An authorization server, and who we are to it. */
export interface ProviderSpec {
  /** The identity that it serves: what the log and the metrics call it. */
  readonly identity: string;
  readonly issuer: string;
  readonly client: OAuthClient;
  /** How it is called; the client's own certificate is added. */
  readonly outbound: OutboundOptions;
  /** Its metadata is renewed when it is this old. */
  readonly refreshMs: number;
  /** How much longer the metadata is used when it cannot be renewed. */
  readonly staleIfErrorMs: number;
}

/** What a provider says of itself now. */
export interface Known {
  /** Its metadata (RFC 8414 section 2), without endpoints that may not be asked. */
  readonly metadata: JsonObject;
  /** The same for openid-client: our client, our way out, and our patience. */
  readonly configuration: Configuration;
}

/** An issuer's metadata: fetched when it is needed, one fetch at a time, and kept while the issuer is away. */
export interface Provider {
  /** What is known of it, at once where it is at hand; undefined while it cannot be had, or when the signal aborts. Never rejects. */
  find(signal: AbortSignal): Known | undefined | Promise<Known | undefined>;
  /** Whether its metadata has been there at least once; asks for it, in the background, where it has not. */
  ready(): boolean;
}

type ProviderDeps = Pick<AuthnDeps, 'clock' | 'signals' | 'log' | 'outbounds'>;

// Metadata is renewed at this part of its age, while what is at hand is still good.
const ahead = 0.8;

/** The provider of a spec: the same one for equal specs, for as long as a plan holds it. */
export function findProvider(
  spec: ProviderSpec,
  { lasting, ...deps }: ProviderDeps & Pick<AuthnDeps, 'lasting'>,
): Provider {
  const { client, ...rest } = spec;
  return lasting.resolve('provider', { ...rest, client: client.name }, () => openProvider(spec, deps));
}

function openProvider(spec: ProviderSpec, deps: ProviderDeps): Provider {
  const { clock } = deps;
  const { certificate } = spec.client;
  // Held as a whole: what nobody holds is given up.
  const outbound = deps.outbounds.resolve({ ...spec.outbound, clientCertificate: certificate });
  let current: { readonly known: Known; readonly atMs: number } | undefined;
  let asking: Promise<void> | undefined;
  let failures = 0;
  let attemptedMs = 0;

  const attempt = async (): Promise<void> => {
    attemptedMs = clock.monotonicMs();
    // Nobody's call ends it, for others may wait for it too; the way out has a bound of its own.
    const metadata = await fetchMetadata(
      spec.issuer,
      spec.outbound,
      outbound.fetch,
      new AbortController().signal,
    ).catch(broken);
    const known = metadata.ok ? knownOf(metadata.value, spec, outbound.fetch) : undefined;
    if (known !== undefined) current = { known, atMs: clock.monotonicMs() };
    failures = known === undefined ? failures + 1 : 0;
    asking = undefined;
    report(spec, deps, metadata, clock.monotonicMs() - attemptedMs);
  };
  const ask = (): Promise<void> => {
    asking ??= attempt();
    return asking;
  };
  const mayAsk = (): boolean => asking !== undefined || clock.monotonicMs() - attemptedMs >= pauseAfter(failures);

  const noOlderThan = (ms: number): Known | undefined =>
    current !== undefined && clock.monotonicMs() - current.atMs <= ms ? current.known : undefined;
  const usable = (): Known | undefined => noOlderThan(spec.refreshMs + spec.staleIfErrorMs);

  return {
    find: (signal) => {
      const fresh = noOlderThan(spec.refreshMs * ahead);
      if (fresh !== undefined || !mayAsk()) return fresh ?? usable();
      const asked = ask().then(usable);
      return usable() ?? unlessAborted(asked, signal, undefined);
    },
    ready: () => {
      if (current === undefined && mayAsk()) void ask();
      return current !== undefined;
    },
  };
}

const broken = (): Metadata => ({ ok: false, problem: 'internal error' });

function knownOf(
  metadata: JsonObject,
  { client, outbound, issuer }: ProviderSpec,
  fetch: typeof globalThis.fetch,
): Known {
  const overTls = client.certificate === undefined ? {} : { use_mtls_endpoint_aliases: true };
  // The library's type of JSON allows changes to it; it gets a copy of its own, whose issuer has been compared.
  const server = structuredClone(metadata) as ServerMetadata;
  const configuration = new Configuration(server, client.id, overTls, client.auth);
  configuration[customFetch] = (url, { body, method, headers, signal }) =>
    fetch(url, { method, headers, body: body ?? null, signal: signal ?? null });
  // The way out has the same bound; the library's is in seconds.
  configuration.timeout = outbound.timeoutMs / 1000;
  // Which plain http may be asked is for our way out to say; the library knows all or none.
  if (outbound.allowHttp || issuer.startsWith('http:')) allowInsecureRequests(configuration);
  return { metadata, configuration };
}

function report(
  { identity, issuer }: ProviderSpec,
  { signals, log }: ProviderDeps,
  metadata: Metadata,
  ms: number,
): void {
  signals.providerCalled(identity, 'metadata', metadata.ok ? 'ok' : 'error', ms);
  if (!metadata.ok)
    log.warn({ identity, issuer, problem: metadata.problem }, 'the metadata of the provider cannot be had');
  else if (metadata.leftOut.length > 0) {
    log.warn({ identity, issuer, members: metadata.leftOut }, 'endpoints of the provider are left out');
  }
}

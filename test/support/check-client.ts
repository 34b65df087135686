import { loadOfficial } from './official.ts';
import { type OfficialClient, officialClient } from './official-client.ts';

const checkName = 'envoy.service.auth.v3.Authorization/Check';

/** The request of a Check call; by default a GET of /orders on localhost without headers. */
export interface CheckParts {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A body that Envoy has buffered. */
  readonly body?: string;
  /** The address of the client. */
  readonly address?: string;
  /** How long the answer may take; by default longer than any decision, however busy the machine is. */
  readonly deadlineMs?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The answer to a Check call. */
export interface Checked {
  /** 200 for an allow, else the status of the denial. */
  readonly status: number;
  /** The fine reason of the dynamic metadata; ok for an allow. */
  readonly reason: string;
  readonly decisionId: string;
  /** Names and values of the headers that are set: of the denial, or towards the upstream. */
  readonly headers: ReadonlyMap<string, string>;
}

/** Envoy's part of a Check call. */
export interface CheckClient {
  /** Rejects with the gRPC error when the call does not end well. */
  check(parts?: CheckParts): Promise<Checked>;
  readonly official: OfficialClient;
  close(): void;
}

interface HeaderOption {
  readonly header: { readonly key: string; readonly value: string };
}
/** An entry of a map, as it travels. */
interface Entry<T> {
  readonly key: string;
  readonly value: T;
}
/** A CheckResponse of the official descriptors, as far as it is looked at. */
interface Answer {
  /** Members with the value zero do not travel. */
  readonly status: { readonly code?: number };
  readonly ok_response?: { readonly headers?: readonly HeaderOption[] };
  readonly denied_response?: { readonly headers?: readonly HeaderOption[]; readonly body: string };
  readonly dynamic_metadata?: { readonly fields: readonly Entry<{ readonly string_value?: string }>[] };
}

/** A client of Authorization/Check that is made from Envoy's own descriptors. */
export async function connectCheck(target: string): Promise<CheckClient> {
  const official = officialClient(await loadOfficial(), target);
  return {
    official,
    check: async ({ deadlineMs = 10_000, metadata = {}, ...parts } = {}) => {
      const answer = await official.call(checkName, requestOf(parts), { deadlineMs, metadata }).answer;
      return checkedOf(answer as Answer); // the shape of the official CheckResponse
    },
    close: () => official.close(),
  };
}

function requestOf(parts: CheckParts): object {
  const { method = 'GET', path = '/orders', headers = {}, address = '192.0.2.7', body } = parts;
  const entries = Object.entries(headers).map(([key, value]): Entry<string> => ({ key, value }));
  const buffered = body === undefined ? {} : { raw_body: Buffer.from(body), size: Buffer.byteLength(body) };
  const http = { method, path, host: 'localhost', scheme: 'https', headers: entries, ...buffered };
  const source = { address: { socket_address: { address, port_value: 4711 } } };
  return { attributes: { source, request: { http } } };
}

function checkedOf({ status, ok_response, denied_response, dynamic_metadata }: Answer): Checked {
  const told = (name: string): string =>
    dynamic_metadata?.fields.find(({ key }) => key === name)?.value.string_value ?? '';
  const allowed = (status.code ?? 0) === 0 && ok_response !== undefined;
  const options = (allowed ? ok_response : denied_response)?.headers ?? [];
  return {
    status: allowed ? 200 : JSON.parse(denied_response?.body ?? '{}').status,
    reason: told('reason'),
    decisionId: told('decision_id'),
    headers: new Map(options.map(({ header }) => [header.key, header.value])),
  };
}

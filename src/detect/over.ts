import type { AccessEntry } from '../core/access-entry.ts';
import { clientNetwork } from '../core/client-network.ts';
import type { Observation } from '../core/observation.ts';
import { principalKey } from '../core/principal.ts';
import { type Reason, reasons } from '../core/reason.ts';

/** Requests that are over, in columns: what one thread hands to another. */
export interface OverBatch {
  readonly atMs: readonly number[];
  readonly networks: readonly string[];
  readonly principals: readonly (string | undefined)[];
  readonly routes: readonly string[];
  /** Whether our Check was asked: then it has let the request pass. */
  readonly asked: readonly boolean[];
  /** Without a 4xx: empty. */
  readonly paths: readonly string[];
  /** 0: none. */
  readonly statuses: readonly number[];
  readonly upstreamFailed: readonly boolean[];
  readonly bytesOut: readonly number[];
  /** Requests that there was no room for. */
  readonly lost: number;
}

/** Gathers requests that are over. */
interface Over {
  add(entry: OverEntry): void;
  /** What was gathered since the last time; undefined: nothing. */
  take(): OverBatch | undefined;
}

interface OverEntry {
  readonly atMs: number;
  readonly network: string;
  readonly principal: string | undefined;
  readonly route: string;
  readonly asked: boolean;
  readonly path: string;
  readonly status: number;
  readonly upstreamFailed: boolean;
  readonly bytesOut: number;
}

const longestPath = 256;

/** What detection is told of an entry of the access log; undefined where our Check refused it, for then it knows already. */
export function overEntry(entry: AccessEntry, upstreamFailed: boolean): OverEntry | undefined {
  const { vouched, client, request, response, upstream, milestones, startMs } = entry;
  const reason = reasonOf(vouched?.reason);
  if (reason !== undefined && reason !== 'ok') return undefined;
  const { principalSource, principalId } = vouched ?? {};
  const status = response.status ?? 0;
  return {
    atMs: startMs + (milestones.end ?? milestones.responseSent ?? 0),
    network: client.address === '' ? '' : clientNetwork(client.address),
    principal:
      principalSource !== undefined && principalId !== undefined
        ? principalKey(principalSource, principalId)
        : undefined,
    route: vouched?.rule ?? (upstream.route || 'none'),
    asked: reason === 'ok',
    path: status >= 400 && status < 500 ? request.path.slice(0, longestPath) : '',
    status,
    upstreamFailed,
    bytesOut: response.bodyBytes,
  };
}

const reasonOf = (text: string | undefined): Reason | 'ok' | undefined => {
  if (text === undefined || text === 'ok') return text;
  return isReason(text) ? text : undefined;
};
const isReason = (text: string): text is Reason => Object.hasOwn(reasons, text);

/** Opens a place for at most so many at a time. */
export function openOver(most: number): Over {
  const open = () => ({
    atMs: [] as number[],
    networks: [] as string[],
    principals: [] as (string | undefined)[],
    routes: [] as string[],
    asked: [] as boolean[],
    paths: [] as string[],
    statuses: [] as number[],
    upstreamFailed: [] as boolean[],
    bytesOut: [] as number[],
    lost: 0,
  });
  let batch = open();
  return {
    add: (entry) => {
      if (batch.atMs.length >= most) {
        batch.lost += 1;
        return;
      }
      batch.atMs.push(entry.atMs);
      batch.networks.push(entry.network);
      batch.principals.push(entry.principal);
      batch.routes.push(entry.route);
      batch.asked.push(entry.asked);
      batch.paths.push(entry.path);
      batch.statuses.push(entry.status);
      batch.upstreamFailed.push(entry.upstreamFailed);
      batch.bytesOut.push(entry.bytesOut);
    },
    take: () => {
      if (batch.atMs.length === 0 && batch.lost === 0) return undefined;
      const full = batch;
      batch = open();
      return full;
    },
  };
}

/** The observations of a batch, one at a time. */
export function* observationsOf(batch: OverBatch): Generator<Observation> {
  for (const [index, atMs] of batch.atMs.entries()) {
    yield {
      stage: 'over',
      atMs,
      network: batch.networks[index] ?? '',
      principal: batch.principals[index],
      guess: undefined,
      route: batch.routes[index] ?? 'none',
      reason: batch.asked[index] ? 'ok' : undefined,
      path: batch.paths[index] ?? '',
      status: batch.statuses[index] || undefined,
      upstreamFailed: batch.upstreamFailed[index] ?? false,
      bytesOut: batch.bytesOut[index] ?? 0,
    };
  }
}

import type { AccessEntry } from '../../src/core/access-entry.ts';

/** What differs from an ordinary GET that went well. */
export interface EntrySketch {
  readonly client?: Partial<AccessEntry['client']>;
  readonly response?: Partial<AccessEntry['response']>;
  readonly upstream?: Partial<AccessEntry['upstream']>;
  readonly vouched?: Partial<NonNullable<AccessEntry['vouched']>>;
  readonly endMs?: number;
}

const unsaid = {
  decisionId: undefined,
  reason: undefined,
  rule: undefined,
  principalId: undefined,
  principalSource: undefined,
};

/** An entry of the access log: a GET of 12 ms that the upstream answered with 200 and 40 bytes. */
export const anEntry = ({ client, response, upstream, vouched, endMs = 12 }: EntrySketch = {}): AccessEntry => ({
  startMs: 1_700_000_000_000,
  milestones: {
    requestRead: 1,
    upstreamAsked: 2,
    upstreamAnswered: 10,
    upstreamDone: 11,
    responseSent: endMs,
    end: endMs,
  },
  client: { address: '198.51.100.7', peer: '198.51.100.7', userAgent: 'curl/8.9', ...client },
  request: {
    id: 'b3b2',
    method: 'GET',
    scheme: 'https',
    host: 'api.example.com',
    path: '/orders/1',
    protocol: 'HTTP/2',
    bodyBytes: 0,
    wireBytes: 300,
  },
  response: { status: 200, flags: [], details: 'via_upstream', bodyBytes: 40, wireBytes: 400, ...response },
  upstream: { route: 'orders', cluster: 'api', address: '10.0.0.1:80', attempts: 1, tlsFailure: '', ...upstream },
  vouched: vouched && { ...unsaid, ...vouched },
  traceId: undefined,
});

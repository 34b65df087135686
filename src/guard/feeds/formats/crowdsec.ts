import type { StreamFormat } from './format.ts';

const streamPath = '/v1/decisions/stream';

/**
 * The decisions of a CrowdSec security engine, asked for as its bouncers do. Every decision is asked for by itself
 * (dedup=false): what is taken back of several for one address must not take the others along.
 */
export const crowdsec: StreamFormat = {
  kind: 'stream',
  refresh: '10s',
  urlOf: (text, startup) => {
    const url = new URL(text);
    if (url.pathname === '/') url.pathname = streamPath;
    url.searchParams.set('startup', String(startup));
    for (const [name, value] of [
      ['scopes', 'ip,range'],
      ['dedup', 'false'],
    ] as const) {
      if (!url.searchParams.has(name)) url.searchParams.set(name, value);
    }
    return url.href;
  },
  headers: [['user-agent', 'crowdsec-portcullis-bouncer/v1']],
};

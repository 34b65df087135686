import type { Endpoint } from '../../core/endpoint.ts';
import type { JsonObject } from '../../core/json.ts';

/** The page that publishes our public keys as a JWK set (RFC 7517 section 5), by its path below endpointRoot. */
export function jwksPage(keys: readonly JsonObject[]): ReadonlyMap<string, Endpoint> {
  if (keys.length === 0) return new Map();
  const page = {
    status: 200,
    headers: [
      { name: 'content-type', value: 'application/jwk-set+json' },
      // Shorter than anybody should wait between publishing a key and signing with it.
      { name: 'cache-control', value: 'public, max-age=300' },
    ],
    body: JSON.stringify({ keys }),
  };
  return new Map([['jwks.json', Object.freeze({ methods: ['GET'], handle: async () => page })]]);
}

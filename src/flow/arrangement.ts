import type { BodyMode, FilterModes, WantedModes } from '../core/processing-mode.ts';

/** How a body is wanted; undefined: not at all. */
export type How = 'whole' | 'stream' | undefined;

/** How the body of a message comes, and what to tell Envoy for it with the answer to its head. */
export interface Arranged {
  readonly delivery: BodyMode;
  readonly modes: WantedModes | undefined;
}

/** What Envoy sends of one exchange: arranged with the head of the request, and again with that of the response. */
export interface Arrangement {
  request(how: How, wantsResponse: boolean): Arranged;
  response(how: How): Arranged;
}

const wanted = { whole: 'buffered', stream: 'streamed' } as const;
const modeOf = (how: How): WantedModes['request'] => (how === undefined ? 'none' : wanted[how]);

/**
 * Opens the arrangement under a filter's config. Envoy takes no change of modes under full duplex, nor where pieces come
 * before the head is answered: then bodies come as configured.
 */
export function openArrangement(filter: FilterModes = unconfigured): Arrangement {
  if (filter.eager || filter.request === 'duplex' || filter.response === 'duplex') {
    return {
      request: () => ({ delivery: filter.request, modes: undefined }),
      response: () => ({ delivery: filter.response, modes: undefined }),
    };
  }
  let request = modeOf(undefined);
  return {
    request: (how, responseHead) => {
      request = modeOf(how);
      return { delivery: request, modes: { request, responseHead, response: 'none' } };
    },
    response: (how) => {
      const response = modeOf(how);
      // A new mode counts for both messages, and the request may still be on its way.
      return { delivery: response, modes: { request, responseHead: true, response } };
    },
  };
}

// An Envoy that does not tell its config knows no full duplex.
const unconfigured: FilterModes = Object.freeze({ request: 'none', response: 'none', eager: false });

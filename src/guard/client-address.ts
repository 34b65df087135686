import { type Address, parseAddress } from '../core/address.ts';
import type { Attributes } from '../core/attributes.ts';
import type { BuildContext, JsonSchema } from '../core/build.ts';

/** Where the client's address is taken from. */
export interface ClientAddressOptions {
  readonly from: 'peer' | 'x-forwarded-for';
  /** Proxies that append to x-forwarded-for and are ours, Envoy included; default 1. */
  readonly trusted_hops?: number;
}

/** The schema of the key client_address. */
export const clientAddressSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Where the address of the client is taken from. Nothing else that a client sends about its address is ever read. Default: the peer.',
  additionalProperties: false,
  required: ['from'],
  properties: {
    from: {
      enum: ['peer', 'x-forwarded-for'],
      description: 'peer: the other end of the connection to Envoy. x-forwarded-for: an element of that header.',
    },
    trusted_hops: {
      type: 'integer',
      minimum: 1,
      maximum: 32,
      description:
        'With x-forwarded-for: which element counts, from the right; 1 is what our own Envoy appended. With too few elements, or with junk in that place, it is the address of the peer. Default: 1.',
    },
  },
  examples: [{ from: 'x-forwarded-for', trusted_hops: 1 }],
});

/** The trusted address of a request's client; undefined when nobody knows it. */
type ClientAddress = (attributes: Attributes) => Address | undefined;

const peerAddress: ClientAddress = (attributes) => parseAddress(attributes.source.address);

const isBlank = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

// No regular expression: for blanks at an end it looks at every run of them anew, and a client sends thousands of blanks.
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
}

/** The element in a place counted from the right, over all lines of the list (RFC 9110 section 5.3). */
const elementFromRight = (values: readonly string[], place: number): Address | undefined => {
  const element = values.join(',').split(',').at(-place);
  return element === undefined ? undefined : parseAddress(withoutBlanks(element));
};

/** Compiles the key client_address. */
export function buildClientAddress(options: ClientAddressOptions | undefined, context: BuildContext): ClientAddress {
  if (options === undefined || options.from === 'peer') {
    if (options?.trusted_hops !== undefined) context.issue(['trusted_hops'], 'has no meaning with from: peer');
    return peerAddress;
  }
  const hops = options.trusted_hops ?? 1;
  return (attributes) =>
    elementFromRight(attributes.headers.get('x-forwarded-for') ?? [], hops) ?? peerAddress(attributes);
}

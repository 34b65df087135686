import { type Address, type Prefix, parsePrefix } from '../../core/address.ts';

/** First bits that a prefix has in common with others. */
type Bits = Pick<Prefix, 'address' | 'length'>;

/**
 * Ranges in which nobody on the internet stands, but our own clients, balancers and health checks may (RFC 6890 and IANA's
 * registries of special-purpose addresses): this network, private, shared, loopback, link-local, protocol assignments,
 * 6to4's relays, multicast and reserved. Addresses for documentation and benchmarks are not among them: who lists those
 * harms nobody.
 */
export const specialPurpose: readonly Prefix[] = Object.freeze(
  [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.88.99.0/24', '192.168.0.0/16', '224.0.0.0/3'],
    ...['::/8', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ].flatMap((text) => parsePrefix(text) ?? []),
);

/** Whether the first bits of an address are those of a prefix. */
function begins({ family, words }: Address, { address, length }: Bits): boolean {
  if (family !== address.family) return false;
  for (let word = 0; word * 32 < length; word++) {
    const shift = Math.max(0, 32 - (length - word * 32));
    if ((words[word] ?? 0) >>> shift !== (address.words[word] ?? 0) >>> shift) return false;
  }
  return true;
}

/** How a prefix lies to the special-purpose ranges: inside of one, around one, or apart from all. */
export function toSpecialPurpose(prefix: Bits): 'inside' | 'around' | 'apart' {
  let around = false;
  for (const special of specialPurpose) {
    if (prefix.length >= special.length) {
      if (begins(prefix.address, special)) return 'inside';
    } else if (begins(special.address, prefix)) around = true;
  }
  return around ? 'around' : 'apart';
}

import { formatAddress, parseAddress } from './address.ts';

/** The bits of an address by which one client is told from the next. */
export const clientPrefixBits = Object.freeze({ 4: 32, 6: 64 });

/**
 * The network that one client is taken to be: an IPv4 address itself, and the /64 of an IPv6 address, because a single
 * line or machine has all of it. What is no address stands for itself.
 */
export function clientNetwork(text: string): string {
  const address = parseAddress(text);
  if (address === undefined) return text;
  if (address.family === 4) return formatAddress(address);
  const [high = 0, low = 0] = address.words;
  return `${formatAddress({ family: 6, words: [high, low, 0, 0] })}/64`;
}

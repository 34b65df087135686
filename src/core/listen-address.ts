import { parseAddress } from './address.ts';

/** Where a server listens, parsed. */
type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

// sun_path of Linux, less the closing zero.
const maxPathBytes = 107;
const isV6 = (host: string): boolean => host.includes(':') && parseAddress(host) !== undefined;

/** The address in "host:port", "[v6]:port" or "unix:/path"; undefined when the text is none of them. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const path = /^unix:(?:\/\/)?(\/[^\0]+)$/.exec(text)?.[1];
  if (path !== undefined)
    return new TextEncoder().encode(path).length > maxPathBytes ? undefined : { kind: 'unix', path };
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65_535 || (match?.[1] !== undefined && !isV6(host))) return undefined;
  return { kind: 'tcp', host, port };
}

/** The text of an address, as parseListenAddress reads it. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.kind === 'unix') return `unix:${address.path}`;
  return `${isV6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

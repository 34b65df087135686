import { createHash } from 'node:crypto';
import { type Outbound, type OutboundOptions, openOutbound } from './outbound.ts';

/** The ways out of a process: equal options are the same one, so that a reload finds its connections warm. */
export interface Outbounds {
  /** The way out of these options. Whoever uses it holds on to the result; what nobody holds any more is given up. */
  resolve(options: OutboundOptions): Pick<Outbound, 'fetch'>;
  /** Drops every connection, at the end of the process. */
  close(): Promise<void>;
}

/** Opens the registry: one for the life of the process. */
export function createOutbounds(open: (options: OutboundOptions) => Outbound = openOutbound): Outbounds {
  // Calls of a plan that was replaced still go on, so nothing is closed with it: what no plan holds is collected with
  // its connections, of which idle ones end by themselves.
  const opened = new Map<string, WeakRef<Outbound>>();
  return {
    resolve: (options) => {
      for (const [key, held] of opened) if (held.deref() === undefined) opened.delete(key);
      const key = outboundKey(options);
      const outbound = opened.get(key)?.deref() ?? open(options);
      opened.set(key, new WeakRef(outbound));
      return outbound;
    },
    close: async () => {
      await Promise.all([...opened.values()].map((held) => held.deref()?.close()));
    },
  };
}

/** The same text for equal options and for no others: a digest, for one of the fields is a private key. */
export function outboundKey({
  allowHttp,
  allowedHosts,
  ca,
  clientCertificate,
  timeoutMs,
  maxBytes,
}: OutboundOptions): string {
  const { cert, key } = clientCertificate ?? {};
  // Every field in a fixed order, however the options were put together.
  const fields = [allowHttp, allowedHosts, ca, cert, key, timeoutMs, maxBytes];
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64');
}

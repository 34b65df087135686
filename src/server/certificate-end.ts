import { X509Certificate } from 'node:crypto';

/** When the first certificate of a PEM text ends, in milliseconds since the epoch; undefined where none can be read. */
export function firstEndMs(pem: string): number | undefined {
  const ends = [...pem.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].flatMap(([text]) => {
    try {
      return [new X509Certificate(text).validToDate.getTime()];
    } catch {
      return [];
    }
  });
  return ends.length === 0 ? undefined : Math.min(...ends);
}

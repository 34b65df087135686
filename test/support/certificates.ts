import { certify } from '../../src/demo/certificate.ts';

/** A certificate and its key, PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** A certificate authority of a test. */
export interface Authority {
  /** PEM. */
  readonly ca: string;
  /** Certifies a name for both ends of a connection with localhost and 127.0.0.1. */
  issue(name: string): Promise<Identity>;
}

/** Makes an authority whose certificates, unlike the demo's, prove callers too. */
export async function createAuthority(name = 'test authority'): Promise<Authority> {
  const issuer = await certify({ name, days: 1 });
  return {
    ca: issuer.certificate,
    issue: async (subject) => {
      const end = { names: ['localhost', '127.0.0.1'], purposes: ['server', 'caller'] } as const;
      const { certificate, key } = await certify({ name: subject, days: 1, issuer, ...end });
      return { cert: certificate, key };
    },
  };
}

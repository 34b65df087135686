import type { NormalRequest } from '../../core/attributes.ts';
import type { BuildContext, JsonSchema } from '../../core/build.ts';
import type { PresentedCertificate } from '../../core/certificate.ts';
import { readForwarded, xfccHeader } from './forwarded.ts';
import { readPeer } from './peer.ts';
import { openPemReader } from './x509.ts';

/** Where the client certificate is taken from. */
export interface ClientCertificateOptions {
  readonly from: 'peer' | typeof xfccHeader;
  /** Proxies that add an element and are ours, Envoy included; default 1. */
  readonly trusted_hops?: number;
}

/** The schema of the key client_certificate. */
export const clientCertificateSchema: JsonSchema = Object.freeze({
  type: 'object',
  description:
    'Where the certificate of the client is taken from. Nothing else that a client sends about its certificate is ever read. Default: the peer.',
  additionalProperties: false,
  required: ['from'],
  properties: {
    from: {
      enum: ['peer', xfccHeader],
      description:
        'peer: what Envoy tells of its own connection; set `include_peer_certificate` there. x-forwarded-client-cert: an element of that header; set `cert` in `set_current_client_cert_details` there, and neither `uri` nor `dns`.',
    },
    trusted_hops: {
      type: 'integer',
      minimum: 1,
      maximum: 32,
      description:
        'With x-forwarded-client-cert: which element counts, from the right; 1 is what our own Envoy wrote. With too few elements the header is malformed. Default: 1.',
    },
  },
  examples: [{ from: xfccHeader, trusted_hops: 1 }],
});

/** What a plan knows of client certificates. */
interface Certificates {
  readonly read: Read;
  /** Whether they come in the header; else that header is nobody's word, and never goes on. */
  readonly trustsHeader: boolean;
}

/** The header that proxies tell of client certificates in. */
export { xfccHeader };

/** Compiles the key client_certificate. */
export function buildCertificates(options: ClientCertificateOptions | undefined, context: BuildContext): Certificates {
  const readPem = openPemReader();
  if (options === undefined || options.from === 'peer') {
    if (options?.trusted_hops !== undefined) context.issue(['trusted_hops'], 'has no meaning with from: peer');
    return { read: oncePerRequest(({ attributes }) => readPeer(attributes.source, readPem)), trustsHeader: false };
  }
  const hops = options.trusted_hops ?? 1;
  return { read: oncePerRequest((request) => readForwarded(request, hops, readPem)), trustsHeader: true };
}

type Read = (request: NormalRequest) => PresentedCertificate;

/** Several identities ask for the certificate of one request, and each more than once. */
function oncePerRequest(read: Read): Read {
  const known = new WeakMap<NormalRequest, PresentedCertificate>();
  return (request) => {
    const presented = known.get(request) ?? read(request);
    known.set(request, presented);
    return presented;
  };
}

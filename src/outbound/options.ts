import { X509Certificate } from 'node:crypto';
import type { BuildContext, JsonSchema } from '../core/build.ts';
import type { Reader } from '../core/options.ts';
import type { OutboundOptions } from './outbound.ts';
import { faultOfUrl, hostOfUrl, isAllowedHost } from './url.ts';

/** What a kind says of its calls by itself. */
interface OutboundDefaults {
  /** A duration like "2s": how long a call may take where the config does not say. */
  readonly timeout: string;
  readonly maxBytes: number;
  /** URLs that the config names: their hosts may be asked without being listed. */
  readonly urls: readonly NamedUrl[];
}

/** A URL of the config; an empty one is none. */
interface NamedUrl {
  /** Where issues with it are reported. */
  readonly option: string;
  readonly url: string;
  /** What issues call it, like "the issuer"; undefined where the option says it all. */
  readonly called?: string;
}

/** The schema of the options that readOutbound reads, for every kind that calls outside. */
export const outboundSchema = (timeout: string): Readonly<Record<string, JsonSchema>> => ({
  ca_file: {
    type: 'string',
    minLength: 1,
    description: 'A file of PEM certificates of authorities to trust instead of the system’s. Default: the system’s.',
  },
  allow_http: { type: 'boolean', description: 'Allow plain http beyond loopback addresses. Default false.' },
  allowed_hosts: {
    type: 'array',
    items: { type: 'string', minLength: 1 },
    uniqueItems: true,
    description:
      'Hosts, each with or without a port, that may be asked besides those of the URLs written here: metadata may name ' +
      'others. Default: none besides.',
  },
  timeout: { type: 'string', format: 'duration', description: `One call may take this long. Default ${timeout}.` },
});

/** Reads `ca_file`, `allow_http`, `allowed_hosts` and `timeout`; what is wrong, a URL that may not be asked too, is an issue. */
export function readOutbound(reader: Reader, context: BuildContext, defaults: OutboundDefaults): OutboundOptions {
  const named = defaults.urls.filter(({ url }) => url !== '');
  const listed = reader.texts('allowed_hosts', []);
  for (const [index, host] of listed.entries()) {
    if (!isAllowedHost(host)) context.issue(['allowed_hosts', index], 'must be a host in lower case, like idp.example');
  }
  const options: OutboundOptions = {
    allowHttp: reader.flag('allow_http', false),
    allowedHosts: [...new Set([...named.flatMap(({ url }) => hostOfUrl(url) ?? []), ...listed])].toSorted(),
    ca: readAuthorities(reader.text('ca_file', ''), context.at('ca_file')),
    timeoutMs: reader.durationMs('timeout', defaults.timeout, { minMs: 10, maxMs: 60_000 }),
    maxBytes: defaults.maxBytes,
  };
  for (const { option, url, called } of named) {
    const fault = faultOfUrl(url, options);
    if (fault !== undefined) context.issue([option], called === undefined ? fault : `${called} ${fault}`);
  }
  return options;
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

function readAuthorities(name: string, context: BuildContext): string | undefined {
  if (name === '') return undefined;
  const file = context.file(name);
  if (file === undefined) return undefined;
  const blocks = file.text.match(certificate) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) file.issue([], 'must hold PEM certificates');
  return blocks.join('\n');
}

function isCertificate(pem: string): boolean {
  try {
    new X509Certificate(pem);
    return true;
  } catch {
    return false;
  }
}

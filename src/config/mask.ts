import type { Json } from '../core/json.ts';
import { isSecretName } from './shape/secret-name.ts';

const stars = '***';
// All that stands between the scheme and the last @: a password may hold any character, if only by mistake.
const userinfo = /([A-Za-z][A-Za-z0-9+.-]*:\/\/)([^\s@:/?#]*)(:?)\S*@/g;
// What a credential looks like wherever it stands: our own keys, compact tokens, and what follows a scheme.
const credentials = /\b(pck_[a-z0-9]{1,32}_|eyJ[\w-]{5}|(?:bearer|basic|apikey|dpop)\s+)[\w.~+/=-]{8,}/gi;
const privateMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth', 'priv']);
// Lists and events are often fetched from and sent to a URL whose path is the key.
const keyedPlaces: ReadonlySet<string> = new Set(['deny_feeds', 'allow_feeds', 'sinks', 'webhooks']);

function maskText(text: string): string {
  if (text.includes('PRIVATE KEY-----')) return stars;
  return text
    .replace(credentials, (_, beginning: string) => `${beginning}${stars}`)
    .replace(userinfo, (_, scheme: string, user: string, colon: string) =>
      colon === '' || user === '' ? `${scheme}${stars}@` : `${scheme}${user}:${stars}@`,
    )
    .replace(/([?&;])([^=&;#\s]+)=([^&;#\s]+)/g, (whole, mark: string, name: string) =>
      isSecretName(name) ? `${mark}${name}=${stars}` : whole,
    );
}

function maskPath(url: string): string {
  if (!URL.canParse(url)) return stars;
  const { protocol, host, pathname, search, hash } = new URL(url);
  return `${pathname}${search}${hash}`.length > 1 ? `${protocol}//${host}/${stars}` : maskText(url);
}

function maskMember(name: string, value: unknown, secret: boolean, keyed: boolean): Json {
  if (keyed && name === 'url' && typeof value === 'string') return maskPath(value);
  const hide = secret || isSecretName(name);
  if (typeof value === 'string' && hide) return value === '' ? '' : stars;
  if (typeof value === 'number' && hide) return stars;
  // Below a secret's name an object describes how it is presented; a list holds several of them.
  if (Array.isArray(value)) return value.map((item) => maskMember('', item, hide, keyed));
  return maskValue(value, keyed);
}

function maskValue(value: unknown, keyed = false): Json {
  if (typeof value === 'string') return maskText(value);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((item) => maskValue(item, keyed));
  if (typeof value !== 'object' || value === null) return null;
  const masked: Record<string, Json> = Object.create(null);
  const isKey = 'kty' in value;
  for (const [name, member] of Object.entries(value)) {
    masked[name] =
      isKey && privateMembers.has(name) ? stars : maskMember(name, member, false, keyed || keyedPlaces.has(name));
  }
  return masked;
}

/**
 * The config as it may be shown: secrets are `***`.
 *
 * Hidden are values under names like `password`, `client_secret`, `x-api-key` or `authorization`, user information and
 * secret parameters of URLs, all but the host of a URL of a feed or a sink, private keys as PEM, the private members of a
 * JWK, and what looks like a credential.
 */
export function maskSecrets(config: unknown): Json {
  return maskValue(config);
}

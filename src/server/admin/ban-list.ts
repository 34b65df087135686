import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AdminAct, AdminAudit } from '../../core/administration.ts';
import type { Bans } from '../../core/ban.ts';
import { methodNotAllowed, type Page } from '../http/page.ts';
import type { AdminApi } from './api.ts';
import { problemPage } from './problem.ts';

/** What the plain list stands on. */
interface BanListDeps {
  readonly bans: Pick<Bans, 'list'>;
  /** The tokens that may read it, asked for each time; empty: nobody may. */
  readonly tokens: () => readonly string[];
  readonly audit: AdminAudit;
}

const path = '/bans/list';
const challenge = 'Basic realm="portcullis-bans", Bearer realm="portcullis-bans"';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/**
 * The addresses that are refused, a prefix a line and nothing else, for firewalls to poll. The token comes as bearer token,
 * as the password of Basic, or in x-api-key, for not every firewall can send each of them. Audit hears of refusals alone: who polls, polls often.
 */
export function openBanList({ bans, tokens, audit }: BanListDeps): AdminApi {
  const refuse = (
    request: IncomingMessage,
    code: 'admin_token_unset' | 'admin_token_missing' | 'admin_token_wrong',
    detail: string,
  ): Page => {
    const page = problemPage(code, detail);
    audit.administered({
      operation: `${request.method} ${path}`,
      activity: 'read',
      actor: undefined,
      peer: peerOf(request),
      status: page.status,
      refusal: code,
      object: undefined,
    });
    const others = page.headers.filter(({ name }) => name !== 'www-authenticate');
    return page.status === 401
      ? { ...page, headers: [...others, { name: 'www-authenticate', value: challenge }] }
      : page;
  };
  return {
    takes: (asked) => asked === path,
    answer: async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') return methodNotAllowed(['GET', 'HEAD']);
      const good = tokens();
      if (good.length === 0)
        return refuse(request, 'admin_token_unset', 'no token is configured; set bans.list.token_file');
      const token = presented(request);
      if (token === undefined) return refuse(request, 'admin_token_missing', 'send the token of the list');
      const isGood = good.map((one) => timingSafeEqual(digest(one), digest(token))).includes(true);
      if (!isGood) return refuse(request, 'admin_token_wrong', 'this is not the token of the list');
      return listPage(bans, request.headers['if-none-match']);
    },
    close: () => {},
  };
}

function presented({ headersDistinct }: IncomingMessage): string | undefined {
  const [authorization = '', ...others] = headersDistinct['authorization'] ?? [];
  if (others.length > 0) return undefined;
  const [, scheme = '', value = ''] = /^(bearer|basic) +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme !== '')
    return Buffer.from(value, 'base64')
      .toString()
      .replace(/^[^:]*:/, '');
  return headersDistinct['x-api-key']?.[0];
}

function listPage(bans: Pick<Bans, 'list'>, known: string | undefined): Page {
  const prefixes = new Set<string>();
  for (const { target, tighten } of bans.list()) {
    if (target.kind === 'address' && tighten === undefined) prefixes.add(target.prefix);
  }
  const body = [...prefixes]
    .toSorted()
    .map((prefix) => `${prefix}\n`)
    .join('');
  const etag = `"${digest(body).toString('base64url')}"`;
  const headers = [
    { name: 'content-type', value: 'text/plain; charset=utf-8' },
    { name: 'etag', value: etag },
    { name: 'cache-control', value: 'no-cache' },
  ];
  // A list of them, or any (RFC 9110 section 13.1.2).
  const same = known?.split(',').some((one) => [etag, `W/${etag}`, '*'].includes(one.trim())) === true;
  return same ? { status: 304, headers, body: '' } : { status: 200, headers, body };
}

function peerOf({ socket }: IncomingMessage): AdminAct['peer'] {
  const { remoteAddress: address, remotePort: port } = socket;
  return address === undefined || port === undefined ? undefined : { address, port };
}

import type { Chapter } from '../../audit/proof/index.ts';
import { isObject, own as ownOf } from '../../core/json.ts';
import { visible } from '../../core/printable.ts';
import { type ReasonEntry, reasons } from '../../core/reason.ts';

type Facts = Readonly<Record<string, unknown>>;

/** An event of a decision, for people: what it came to, who asked for what, why, and where it is written. */
export function chapterText({ file, line, event }: Chapter): string {
  const at = reading(event);
  const own = at('unmapped.portcullis') === undefined ? 'portcullis' : 'unmapped.portcullis';
  const fact = (name: string): unknown => at(`${own}.${name}`);
  const reason = String(fact('reason') ?? '');
  const title = ownOf<ReasonEntry>(reasons, reason)?.title;
  const said = title === undefined ? reason : `${reason}: ${title}`;
  const request = at('http_request') === undefined ? `${own}.request` : 'http_request';
  const time = at('@timestamp') ?? isoOf(at('time'));
  const rows: readonly (readonly [string, unknown])[] = [
    ['decision', fact('decision_id')],
    ['time', time],
    ['outcome', at('message')],
    ['reason', said],
    ['rule', fact('rule') ?? 'none'],
    ['step', fact('step')],
    ['who', fact('principal') ?? at('user.name') ?? 'nobody was known'],
    ['from', at('src_endpoint.ip') ?? at('src_endpoint.name') ?? at('source.address')],
    [
      'request',
      words(at(`${request}.http_method`) ?? at('http.request.method'), at(`${request}.url.path`) ?? at('url.path')),
    ],
    ['host', at('dst_endpoint.hostname') ?? at('destination.domain')],
    ['user agent', at(`${request}.user_agent`) ?? at('user_agent.original')],
    ['answer', at('http_response.code') ?? at('http.response.status_code')],
    ['took', microseconds(fact('latency_us'))],
    ['limit', shown(fact('limit'))],
    ['found', shown(fact('detail'))],
    ['on its way', shown(fact('processed'))],
    ['shadow', shown(fact('shadow'))],
    ['repeated', at('count') === undefined ? undefined : `${at('count')} times, told as one event`],
    ['masked', shown(fact('masked'))],
    ['erased', shown(fact('erased'))],
    ['trace', fact('trace_id')],
    ['plan', fact('config_rev')],
    ['written', `${file}:${line}`],
  ];
  return rows
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => visible(`${name.padEnd(12)} ${String(value)}`))
    .join('\n');
}

const reading =
  (event: Facts) =>
  (path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>(
        (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
        event,
      );

const isoOf = (time: unknown): string | undefined =>
  typeof time === 'number' ? new Date(time).toISOString() : undefined;
const words = (...parts: readonly unknown[]): string => parts.filter((part) => part !== undefined).join(' ');
const microseconds = (us: unknown): string | undefined => (typeof us === 'number' ? `${us / 1000} ms` : undefined);

/** Facts as `name=value`, lists and what is in them with commas between. */
function shown(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value)) return value.map((item) => (isObject(item) ? `(${shown(item)})` : String(item))).join(', ');
  if (!isObject(value)) return String(value);
  return Object.entries(value)
    .map(([name, item]) => `${name}=${isObject(item) ? `(${shown(item)})` : shown(item)}`)
    .join('  ');
}

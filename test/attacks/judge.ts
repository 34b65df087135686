import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { silentContext } from '../../src/core/build.ts';
import type { Subject } from '../../src/core/plan.ts';
import { buildGuard } from '../../src/guard/index.ts';
import { seeBody } from '../../src/inspect/attacks/body.ts';
import { openDetector } from '../../src/inspect/attacks/detection/detector.ts';
import { compileExclusions } from '../../src/inspect/attacks/detection/exclusions.ts';
import { compileRuleSet } from '../../src/inspect/attacks/detection/rule-set.ts';
import { engines } from '../../src/inspect/attacks/engines/index.ts';
import { openView } from '../../src/inspect/attacks/request/view.ts';
import type { Severity } from '../../src/inspect/attacks/rule.ts';
import { embeddedRules } from '../../src/inspect/attacks/rules/index.ts';
import { openReading } from '../../src/inspect/reading.ts';
import { noFeeds } from '../support/feeds.ts';
import { buildHere } from '../support/inspection.ts';
import { recordIssues } from '../support/recording-context.ts';
import { anAttributes, aSubject } from '../support/requests.ts';
import { type Asked, type Item, numberOf } from './corpus.ts';

/** What became of one request. */
export interface Judged {
  readonly blocked: boolean;
  readonly rules: readonly string[];
}

/** Judges one request. */
export type Judge = (subject: Subject) => Judged;

const scores: Readonly<Record<Severity, number>> = { critical: 5, error: 4, warning: 3, notice: 2 };

function crsFiles(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(directory)
      .filter((file) => /\.(?:conf|data)$/.test(file))
      .map((file) => [`crs/${file}`, readFileSync(join(directory, file), 'utf8')]),
  );
}

/** The inspection that serves, in the preset balanced; with the Core Rule Set of a folder, if one is given. */
export function servedJudge(crs: string | undefined): Judge {
  const { context, issues } = recordIssues(crs === undefined ? {} : crsFiles(crs));
  const protect = crs === undefined ? {} : { crs: { dir: 'crs' } };
  const inspect = buildHere({ protect, pathParameters: [] }, context);
  if (issues.length > 0) throw new Error(issues.slice(0, 5).join('\n'));
  const judge: Judge = (subject) => {
    const verdict = inspect(subject);
    const { 'attack.rules': rules } = verdict.detail;
    const reason = verdict.kind === 'reject' || verdict.kind === 'fail' ? verdict.reason : undefined;
    const named = Array.isArray(rules) ? rules.map(String) : [];
    return { blocked: reason !== undefined, rules: named.length === 0 && reason !== undefined ? [reason] : named };
  };
  return (subject) => {
    // That a busy machine ran out of time says nothing about the rules.
    let judged = judge(subject);
    for (let more = 0; more < 3 && judged.rules[0] === 'inspection_timeout'; more += 1) judged = judge(subject);
    return judged;
  };
}

/** The embedded rules on the engine without native code, which the inspection takes only where the other cannot run. */
export function scriptJudge(): Judge {
  const detect = openDetector(
    compileRuleSet(
      embeddedRules.filter(({ paranoia }) => paranoia === 1),
      engines.script,
    ),
    compileExclusions([]),
  );
  return (subject) => {
    const reading = openReading();
    const { content, refusal } = seeBody(subject, reading);
    if (refusal !== undefined) return { blocked: true, rules: [refusal.reason] };
    const view = openView({ subject, content, proven: reading.proven });
    const { matches } = detect(view, 60_000);
    const score = matches.reduce((sum, { rule }) => sum + scores[rule.severity], 0);
    return { blocked: score >= 5, rules: matches.map(({ rule }) => rule.id) };
  };
}

/** Where in a request a text is put. */
const carriers = ['query', 'query', 'query', 'json', 'json', 'form', 'form', 'cookie', 'header'] as const;
type Carrier = (typeof carriers)[number];

const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';
const ordinaryHeaders: Readonly<Record<string, string>> = {
  'user-agent': agent,
  accept: 'application/json, text/plain;q=0.9, */*;q=0.8',
  'accept-language': 'en-GB,en;q=0.8,de;q=0.5',
  'accept-encoding': 'gzip, deflate, br',
  referer: 'https://shop.example.com/search?q=tea&page=2',
};

// A header takes one line of what a byte can hold.
const fitsHeader = (text: string): boolean => /^[\t\x20-\x7e\xa0-\xff]+$/.test(text);

function carrierOf({ kind, text }: Item): Carrier | 'agent' {
  if (kind === 'scanner' || /^(?:Mozilla\/|curl\/|[\w-]+\/\d+\.\d+)/.test(text)) return 'agent';
  const carrier = carriers[numberOf(`carrier ${text}`) % carriers.length] ?? 'query';
  return (carrier === 'header' || carrier === 'cookie') && !fitsHeader(text) ? 'query' : carrier;
}

/** A whole request around a text: in a query, a body, a cookie or a header, as follows from the text. */
export function requestWith(item: Item): Subject {
  const { text } = item;
  const encoded = encodeURIComponent(text.toWellFormed());
  switch (carrierOf(item)) {
    case 'agent':
      return subjectOf({ headers: { 'user-agent': text } });
    case 'header':
      return subjectOf({ headers: { 'x-note': text } });
    case 'cookie':
      return subjectOf({ headers: { cookie: `lang=en; note=${encoded}` } });
    case 'json': {
      const body = JSON.stringify({ id: 7, tags: ['a', 'b'], note: text.toWellFormed() });
      return subjectOf({ method: 'POST', headers: { 'content-type': 'application/json' }, body });
    }
    case 'form': {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return subjectOf({ method: 'POST', headers, body: `id=7&note=${encoded}&send=1` });
    }
    default:
      return subjectOf({ query: `page=2&q=${encoded}&sort=name` });
  }
}

const { guard } = buildGuard({}, silentContext, noFeeds);

/** A request as the guard hands it on, or why it does not. */
export function guarded(request: RequestOf): Pick<Asked, 'subject' | 'refused'> {
  const subject = subjectOf(request);
  const verdict = guard(subject.request.attributes, () => {});
  if (verdict.kind === 'pass') return { subject: { ...subject, request: verdict.value } };
  return { subject, refused: 'reason' in verdict ? verdict.reason : verdict.kind };
}

/** What is particular about a request; the rest is as ordinary as can be. */
export interface RequestOf {
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** A request as the guard would hand it on, whatever the guard says. */
export function subjectOf({ method = 'GET', path = '/orders', query = '', headers = {}, body }: RequestOf): Subject {
  const attributes = anAttributes({
    method,
    path: query === '' ? path : `${path}?${query}`,
    headers: { ...ordinaryHeaders, ...headers },
    body: typeof body === 'string' ? Buffer.from(body) : body,
  });
  const segments = path.split('/').slice(1);
  return aSubject({ request: { attributes, method, path, query, segments, headers: attributes.headers } });
}

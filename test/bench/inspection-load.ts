// What the benches of inspection ask, and with which policies.

import type { ProtectOptions } from '../../src/inspect/attacks/options.ts';
import { coreRuleSet, textsOf } from '../support/core-rule-set.ts';
import { recordIssues } from '../support/recording-context.ts';
import type { RequestSketch } from '../support/requests.ts';

const set = await coreRuleSet();

/** Where rules are built, with the Core Rule Set in a directory "crs" where Go is present. */
export const { context } = recordIssues(typeof set === 'string' ? {} : textsOf(set));

/** What is searched with. */
export const policies: Readonly<Record<string, ProtectOptions>> = {
  'built-in rules': {},
  ...(typeof set === 'string' ? {} : { 'with CRS, paranoia 1': { crs: { dir: 'crs', paranoia: 1 } } }),
};

/** Ten ordinary parameters; their values differ from call to call. */
const parametersOf = (call: number): readonly string[] => [
  `page=${call}`,
  'limit=50',
  'sort=created_at',
  'order=desc',
  `customer=a3f1c2d4-5b6e-4f70-8a9b-${(call * 7919).toString(16).padStart(12, '0')}`,
  'status=open',
  `q=blue+running+shoes+${call % 977}`,
  `from=20${10 + (call % 90)}-01-01`,
  `to=20${10 + (call % 90)}-02-${10 + (call % 18)}`,
  `name=Jane+Smith${call % 499}`,
];
const browser = {
  host: 'api.example.com',
  accept: 'application/json, text/plain, */*',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36',
  referer: 'https://shop.example.com/customers?page=1',
};
const sentence =
  'We moved the meeting to Thursday, because half of the team (the one in Lisbon) is still travelling; bring notes! ';
const proseOf = (call: number): string =>
  JSON.stringify({
    subject: `Thursday ${call}`,
    text: `${call} ${sentence.repeat(9)}`.slice(0, 960),
    tags: ['team', 'notes'],
  });
const seeds = [
  "'/**/or/**/1=1-- ",
  '<svg/onload=',
  '$'.concat('{$', '{::-j}'),
  ';cat$IFS/e??/p*',
  '"+"',
  '../..%2f',
  '\\x3c\\u003c',
];
const adversarialText = JSON.stringify({ text: seeds.join('').repeat(2000).slice(0, 64_000) });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const json = { ...browser, 'content-type': 'application/json' };

/** A GET with ten ordinary parameters. */
export const get = (call: number): RequestSketch => ({ query: parametersOf(call).join('&'), headers: browser });

/** A POST with 1 KB of JSON prose. */
export const prose = (call: number): RequestSketch => ({ method: 'POST', headers: json, body: bytes(proseOf(call)) });

/** A POST with 64 KB that look like everything. */
export const adversarial: RequestSketch = { method: 'POST', headers: json, body: bytes(adversarialText) };

/** The value that so great a part of all is below. */
export const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length * part)] ?? 0;

/** The value in the middle. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

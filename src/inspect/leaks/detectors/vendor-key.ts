import { goesOn, type Judged, type LiteralDetector, latin1, more, none, type Window } from '../detector.ts';

/** A form of keys: what they begin with, then so many characters of a class. */
type Form = readonly [prefix: string, rest: RegExp, least: number, most: number];

const upper = /[A-Z0-9]/;
const alphanumeric = /[A-Za-z0-9]/;
const word = /\w/;
const url = /[\w-]/;
const hex = /[0-9a-f]/;

/** Keys that their makers gave a form to be found by, as their documentation tells it. */
const forms: readonly Form[] = [
  ['AKIA', upper, 16, 16],
  ['ASIA', upper, 16, 16],
  ['ghp_', alphanumeric, 36, 255],
  ['gho_', alphanumeric, 36, 255],
  ['ghu_', alphanumeric, 36, 255],
  ['ghs_', alphanumeric, 36, 255],
  ['ghr_', alphanumeric, 36, 255],
  ['github_pat_', word, 60, 255],
  ['glpat-', url, 20, 255],
  ['gldt-', url, 20, 255],
  ['glrt-', url, 20, 255],
  ['xoxb-', url, 24, 255],
  ['xoxp-', url, 24, 255],
  ['xoxa-', url, 24, 255],
  ['xoxr-', url, 24, 255],
  ['xoxs-', url, 24, 255],
  ['xapp-', url, 24, 255],
  ['sk_live_', alphanumeric, 20, 255],
  ['rk_live_', alphanumeric, 20, 255],
  ['sk_test_', alphanumeric, 20, 255],
  ['rk_test_', alphanumeric, 20, 255],
  ['whsec_', alphanumeric, 24, 255],
  ['sk-proj-', url, 20, 255],
  ['sk-ant-', url, 20, 255],
  ['sk-svcacct-', url, 20, 255],
  ['AIza', url, 35, 35],
  ['ya29.', url, 20, 1024],
  ['GOCSPX-', url, 28, 28],
  ['npm_', alphanumeric, 36, 36],
  ['pypi-AgE', url, 50, 512],
  ['dop_v1_', hex, 64, 64],
  ['doo_v1_', hex, 64, 64],
  ['dor_v1_', hex, 64, 64],
  ['hvs.', url, 24, 255],
  ['shpat_', alphanumeric, 32, 32],
  ['shpss_', alphanumeric, 32, 32],
  ['shpca_', alphanumeric, 32, 32],
  ['sq0atp-', url, 22, 22],
  ['sq0csp-', url, 43, 43],
  ['EAAA', url, 56, 64],
  ['LTAI', alphanumeric, 16, 24],
  ['PMAK-', url, 50, 80],
  ['NRAK-', upper, 27, 27],
  ['lin_api_', alphanumeric, 40, 40],
  ['dapi', hex, 32, 36],
  ['figd_', url, 40, 60],
  ['tfp_', url, 40, 64],
  ['rubygems_', hex, 48, 48],
  ['AGE-SECRET-KEY-1', upper, 58, 58],
  ['SG.', /[\w.-]/, 60, 70],
  ['hf_', alphanumeric, 34, 40],
];

const longestPrefix = Math.max(...forms.map(([prefix]) => prefix.length));

const tables = new Map(
  forms.map(([, rest]) => [
    rest,
    Uint8Array.from({ length: 256 }, (_, code) => (rest.test(String.fromCharCode(code)) ? 1 : 0)),
  ]),
);

function judgeForm({ bytes, last }: Window, start: number, [prefix, rest, least, most]: Form, text: string): Judged {
  if (!text.startsWith(prefix)) return !last && prefix.startsWith(text) ? more : none;
  const table = tables.get(rest);
  const from = start + prefix.length;
  let length = 0;
  while (length <= most && table?.[bytes[from + length] ?? -1] === 1) length += 1;
  const end = from + length;
  if (end >= bytes.length && !last && length <= most) return more;
  return length < least || length > most ? none : { kind: 'match', start, end };
}

function judge(window: Window, start: number): Judged {
  if (goesOn(window.bytes, start) || window.bytes[start - 1] === 0x5f) return none;
  const text = latin1(window.bytes, start, start + longestPrefix);
  let open = none;
  for (const form of forms) {
    if (form[0].charCodeAt(0) !== text.charCodeAt(0)) continue;
    const judged = judgeForm(window, start, form, text);
    if (judged.kind === 'match') return judged;
    if (judged.kind === 'more') open = more;
  }
  return open;
}

/** Access keys of clouds and vendors, known by what they begin with. */
export const vendorKeys: LiteralDetector = Object.freeze({
  on: 'literal',
  triggers: forms.map(([prefix]) => prefix),
  judge,
});

import type { AttackClass, AttackRule, Condition, NameMatch, Operator, Severity, Target, Transform } from '../rule.ts';

const target = (
  collection: Target['collection'],
  only: readonly string[] = [],
  except: readonly string[] = [],
): Target => ({
  collection,
  only: only.map(nameMatch),
  except: except.map(nameMatch),
  counted: false,
});

const nameMatch = (exact: string): NameMatch => ({ exact });

/** Headers whose grammar is their own, full of quotes and semicolons, and that nobody puts into a query or a page. */
const grammatical = [
  'accept',
  'accept-encoding',
  'authorization',
  'baggage',
  'content-disposition',
  'content-length',
  'content-security-policy',
  'content-type',
  'cookie',
  'dpop',
  'etag',
  'host',
  'if-match',
  'if-none-match',
  'nel',
  'permissions-policy',
  'priority',
  'proxy-authorization',
  'report-to',
  'sec-ch-ua',
  'sec-ch-ua-full-version-list',
  'sec-ch-ua-platform',
  'sec-websocket-extensions',
  'signature',
  'signature-input',
  'tracestate',
  'x-forwarded-client-cert',
  ':authority',
  ':path',
];

/** Where rules look. */
const places = Object.freeze({
  /** What callers fill in: parameters and their names, fields of bodies, cookies, file names. */
  values: [
    target('args'),
    target('args_names'),
    target('request_cookies'),
    target('request_cookies_names'),
    target('files'),
    target('files_names'),
    target('xml'),
    target('xml_attributes'),
  ],
  arguments: [target('args')],
  names: [target('args_names'), target('request_cookies_names')],
  query: [target('args_get'), target('args_get_names'), target('request_cookies')],
  headers: [target('request_headers', [], grammatical)],
  everyHeader: [target('request_headers')],
  path: [target('request_filename')],
  userAgent: [target('request_headers', ['user-agent'])],
  fileNames: [target('files'), target('request_headers', ['x-filename', 'x-file-name', 'x.filename', 'x_filename'])],
  queryNames: [target('args_get_names')],
  uri: [target('request_uri_raw')],
  method: [target('request_method')],
} as const satisfies Record<string, readonly [Target, ...Target[]]>);

/** The name of a place. */
type Place = keyof typeof places;

/** A header of the name. */
export const headerNamed = (name: string): Target => target('request_headers', [name]);

/** What hides a value and is undone by what receives it, one layer after the other; the operator sees each. Percent-encoding and wide characters are readings of the value by themselves. */
const layers: readonly Transform[] = ['html_entity_decode', 'js_decode', 'remove_nulls'];

/** One row of a table of rules. */
interface Row {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly paranoia?: AttackRule['paranoia'];
  readonly in: readonly Place[] | readonly [Target, ...Target[]];
  /** A pattern in RE2 syntax that is found in any case, or another operator. */
  readonly finds: string | Operator;
  /** Transforms in place of the usual layers. */
  readonly after?: readonly Transform[];
  /** What has to hold of the same request besides. */
  readonly and?: readonly Condition[];
}

const isPlace = (item: Place | Target): item is Place => typeof item === 'string';

function targetsOf(items: Row['in']): Condition['targets'] {
  const [first, ...rest] = items.flatMap((item): readonly Target[] => (isPlace(item) ? places[item] : [item]));
  if (first === undefined) throw new Error('a rule looks nowhere');
  return [first, ...rest];
}

/** One condition: the usual layers are undone, and the operator sees the text after each. */
export function condition(where: Row['in'], finds: string | Operator, after: readonly Transform[] = layers): Condition {
  return {
    targets: targetsOf(where),
    transforms: after,
    everyStage: after.length > 0,
    operator: typeof finds === 'string' ? { kind: 'rx', pattern: `(?i)${finds}` } : finds,
    negated: false,
    captures: false,
  };
}

/** Of what the condition before has found, something has a name in which the pattern is not found. */
export const nameBut = (pattern: string): Condition => ({
  ...condition([target('matched_vars_names')], pattern, []),
  negated: true,
});

/** Of what the condition before has found, the whole text has the pattern in it. */
export const foundText = (pattern: string): Condition => condition([target('matched_vars')], pattern, []);

/** The rules of one class, from its table. */
export const rulesOf = (attackClass: AttackClass, rows: readonly Row[]): readonly AttackRule[] =>
  rows.map(({ id, title, severity, paranoia = 1, in: where, finds, after, and = [] }) => ({
    id,
    class: attackClass,
    title,
    severity,
    paranoia,
    conditions: [condition(where, finds, after), ...and],
  }));

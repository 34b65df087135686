/** What an attack is about: every finding is of one class, and the shipped figures are by class. */
export const attackClasses = Object.freeze([
  'sqli',
  'xss',
  'path_traversal',
  'command_injection',
  'template_injection',
  'code_injection',
  'ssrf',
  'xxe',
  'lookup',
  'file_inclusion',
  'scanner',
  'protocol',
  'session_fixation',
  'generic',
] as const);

/** The class of an attack. */
export type AttackClass = (typeof attackClasses)[number];

/** What a match of one rule adds to the score of a request (CRS: critical 5, error 4, warning 3, notice 2). */
export type Severity = 'critical' | 'error' | 'warning' | 'notice';

/** One rule of detection: it matches a request when all its conditions do (a chain). Rules are looked at in the order of their list. */
export interface AttackRule {
  /** Stable: digits for CRS, a word with hyphens for our own. */
  readonly id: string;
  readonly class: AttackClass;
  /** One sentence for people. */
  readonly title: string;
  readonly severity: Severity;
  /** Rules above the configured level are not loaded: 1 finds what is surely wrong, 4 anything odd. */
  readonly paranoia: 1 | 2 | 3 | 4;
  readonly conditions: readonly [Condition, ...Condition[]];
  /** A match is no finding and adds no score: it only does what `sets` and `removes` say. Absent: a match is a finding. */
  readonly silent?: true;
  /** Ids of rules before this one: once one of them has matched, this one is not looked at (SecLang skip, skipAfter). */
  readonly unless?: readonly string[];
  /** What a match takes away from the rules after it (SecLang ctl:ruleRemoveById, ctl:ruleRemoveTargetByTag, …). */
  readonly removes?: readonly Removal[];
}

/** Rules that are not looked at for the rest of a request, or that no longer look at a target. */
export interface Removal {
  readonly rules: readonly string[];
  /** Absent: the whole rule. */
  readonly target?: Target;
}

/** A variable of the request (SecLang setvar on TX). Names are in lower case. */
export interface Assignment {
  readonly name: Template;
  readonly value: Template;
  /** The value is a number that is added to what the variable holds (absent: 0), in place of replacing it. */
  readonly adds: boolean;
}

/** One link of a rule: some text of the targets, transformed, satisfies the operator. */
export interface Condition {
  readonly targets: readonly [Target, ...Target[]];
  readonly transforms: readonly Transform[];
  /** The operator looks at the text after each transform (SecLang multiMatch), not only after the last. */
  readonly everyStage: boolean;
  readonly operator: Operator;
  readonly negated: boolean;
  /** Groups of the match are kept for the later conditions of the chain (SecLang capture, TX:0 to TX:9). */
  readonly captures: boolean;
  /** Done for each text that satisfies the condition, at once and in order, with its matched_var and captures; also when a later condition fails. */
  readonly sets?: readonly Assignment[];
}

/** Where in a request to look. */
export interface Target {
  readonly collection: Collection;
  /** Only members of these names; empty: all. */
  readonly only: readonly NameMatch[];
  /** Members that are left out. */
  readonly except: readonly NameMatch[];
  /** The number of members, in place of their texts (SecLang &). */
  readonly counted: boolean;
}

/** A name in lower case, or a pattern for names on the linear-time engine. */
export type NameMatch = { readonly exact: string } | { readonly pattern: string };

/** The parts of a request that rules look at, as SecLang names them. */
export const collections = Object.freeze([
  'args',
  'args_names',
  'args_get',
  'args_get_names',
  'args_post',
  'args_post_names',
  'args_combined_size',
  'files',
  'files_names',
  'files_combined_size',
  'multipart_part_headers',
  'query_string',
  'request_basename',
  'request_body',
  'request_body_length',
  'request_body_processor',
  'request_cookies',
  'request_cookies_names',
  'request_filename',
  'request_headers',
  'request_headers_names',
  'request_line',
  'request_method',
  'request_protocol',
  'request_uri',
  'request_uri_raw',
  'remote_addr',
  'tx',
  'matched_var',
  'matched_var_name',
  'matched_vars',
  'matched_vars_names',
  'unique_id',
  'xml',
  'xml_attributes',
] as const);

/** The name of a part of a request. */
export type Collection = (typeof collections)[number];

/** How a text is changed before it is looked at; SecLang's names in snake case. */
export const transforms = Object.freeze([
  'base64_decode',
  'cmd_line',
  'compress_whitespace',
  'css_decode',
  'escape_seq_decode',
  'hex_decode',
  'hex_encode',
  'html_entity_decode',
  'js_decode',
  'length',
  'lowercase',
  'md5',
  'normalize_path',
  'normalize_path_win',
  'remove_comments',
  'remove_comments_char',
  'remove_nulls',
  'remove_whitespace',
  'replace_comments',
  'replace_nulls',
  'sha1',
  'sql_hex_decode',
  'trim',
  'unicode_normalize',
  'uppercase',
  'url_decode',
  'url_decode_uni',
  'url_encode',
  'utf8_to_unicode',
] as const);

/** The name of a transformation. */
export type Transform = (typeof transforms)[number];

/** A fixed text, or one with `%{tx.0}`, `%{tx.NAME}`, `%{matched_var}` and the like, filled in when it is looked at. */
type Template = string;

/** What is asked of a text. */
export type Operator =
  /** RE2 syntax, as SecLang writes it; bytes as Latin-1 where \x80 to \xff are named. */
  | { readonly kind: 'rx'; readonly pattern: string }
  /** Any of the phrases, in any case. */
  | { readonly kind: 'phrases'; readonly phrases: readonly string[] }
  | { readonly kind: 'sqli' }
  | { readonly kind: 'xss' }
  /** The house's own detectors (detectors/sqli.ts and detectors/xss.ts), the same on every engine: they are no probes. */
  | { readonly kind: 'sql_shape' | 'html_shape' }
  | {
      readonly kind: 'contains' | 'equals' | 'begins_with' | 'ends_with' | 'within' | 'contains_word';
      readonly text: Template;
    }
  | { readonly kind: 'eq' | 'lt' | 'gt' | 'le' | 'ge'; readonly number: Template }
  | { readonly kind: 'ip_match'; readonly prefixes: readonly string[] }
  /** Holds when a byte is outside of the ranges, each [first, last]. */
  | { readonly kind: 'byte_outside'; readonly ranges: readonly (readonly [number, number])[] }
  | { readonly kind: 'bad_url_encoding' }
  | { readonly kind: 'bad_utf8' }
  | { readonly kind: 'always' };

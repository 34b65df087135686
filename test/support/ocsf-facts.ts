/**
 * What OCSF 1.8.0 demands of the classes that we write, in a form of our own: required attributes, one-of demands, the
 * values of enums, the types of attributes, and the attributes that a class has.
 */
interface ClassFacts {
  readonly category: number;
  readonly activities: readonly number[];
  /** Profiles that bind to the class. */
  readonly profiles: readonly string[];
  /** Each a path, or paths of which at least one must be there. */
  readonly required: readonly (string | readonly string[])[];
  /** Attributes beside those of the base event and of the profiles. */
  readonly own: readonly string[];
}

const actor = ['user', 'session', 'process', 'app_name', 'app_uid', 'invoked_by'].map((name) => `actor.${name}`);
const endpoint = (name: string): readonly string[] =>
  ['ip', 'uid', 'name', 'hostname', 'svc_name', 'instance_uid', 'interface_uid', 'interface_name', 'domain'].map(
    (part) => `${name}.${part}`,
  );

/** By class_uid. */
export const classFacts: Readonly<Record<number, ClassFacts>> = {
  6003: {
    category: 6,
    activities: [0, 1, 2, 3, 4, 99],
    profiles: ['cloud', 'datetime', 'host', 'osint', 'security_control', 'trace'],
    required: ['actor', actor, 'api.operation', 'src_endpoint', endpoint('src_endpoint')],
    own: ['actor', 'api', 'dst_endpoint', 'http_request', 'http_response', 'resources', 'src_endpoint'],
  },
  4002: {
    category: 4,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99],
    profiles: ['cloud', 'datetime', 'host', 'network_proxy', 'osint', 'security_control', 'trace'],
    required: [
      ['http_request', 'http_response'],
      [...endpoint('src_endpoint'), ...endpoint('dst_endpoint')],
    ],
    own: ['dst_endpoint', 'http_request', 'http_response', 'src_endpoint'],
  },
  3002: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 99],
    profiles: ['cloud', 'datetime', 'host', 'osint', 'security_control'],
    required: ['user', ['user.name', 'user.uid', 'user.account'], ['service', 'dst_endpoint']],
    own: [
      'auth_protocol',
      'auth_protocol_id',
      'dst_endpoint',
      'is_remote',
      'service',
      'session',
      'src_endpoint',
      'user',
    ],
  },
  3004: {
    category: 3,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99],
    profiles: ['cloud', 'datetime', 'host', 'osint', 'security_control'],
    required: ['entity', ['entity.name', 'entity.uid']],
    own: ['actor', 'entity', 'entity_result'],
  },
  2004: {
    category: 2,
    activities: [0, 1, 2, 3, 99],
    profiles: ['cloud', 'datetime', 'host', 'incident', 'osint', 'security_control'],
    required: ['finding_info.uid', 'finding_info.title', 'finding_info.analytic.type_id'],
    own: [
      'anomaly_analyses',
      'comment',
      'confidence_id',
      'confidence_score',
      'device',
      'evidences',
      'finding_info',
      'is_alert',
      'remediation',
      'resources',
    ],
  },
  6002: {
    category: 6,
    activities: [0, 1, 2, 3, 4, 5, 6, 7, 8, 99],
    profiles: ['cloud', 'datetime', 'host', 'osint', 'security_control'],
    required: ['app', ['app.name', 'app.uid']],
    own: ['app'],
  },
};

/** Attributes of the base event. */
const base = new Set(
  'activity_id activity_name category_uid class_uid count duration end_time message metadata severity_id start_time status_code status_detail status_id time type_uid unmapped'.split(
    ' ',
  ),
);
/** Attributes that a profile adds, and that stand only where it is declared. */
const profiled: Readonly<Record<string, readonly string[]>> = {
  security_control: ['action_id', 'authorizations', 'disposition_id', 'firewall_rule', 'policy'],
  trace: ['trace'],
};
/** Values of enums, wherever they stand. */
const enums: Readonly<Record<string, readonly unknown[]>> = {
  severity_id: [0, 1, 2, 3, 4, 5, 6, 99],
  status_id: [0, 1, 2, 99],
  action_id: [0, 1, 2, 3, 4, 99],
  disposition_id: [...Array.from({ length: 28 }, (_, id) => id), 99],
  auth_protocol_id: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99],
  'finding_info.analytic.type_id': [...Array.from({ length: 12 }, (_, id) => id), 99],
  'entity.type_id': [...Array.from({ length: 17 }, (_, id) => id), 99],
  'user.type_id': [0, 1, 2, 3, 4, 5, 99],
  'actor.user.type_id': [0, 1, 2, 3, 4, 5, 99],
  'http_request.http_method': ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE', 'PATCH'],
};
const always = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata.version',
  'metadata.product',
  ['metadata.product.name', 'metadata.product.uid', 'metadata.product.vendor_name'],
  'severity_id',
  'time',
  'type_uid',
] as const;

/** What is wrong with an event by these facts, in words; empty: nothing. */
export function ocsfFaults(event: Readonly<Record<string, unknown>>): readonly string[] {
  const uid = Number(event['class_uid']);
  const facts = classFacts[uid];
  if (facts === undefined) return [`no facts of class ${uid}`];
  const declared = listOf(at(event, 'metadata.profiles'));
  const known = new Set([...base, ...facts.own, ...declared.flatMap((name) => profiled[String(name)] ?? [])]);
  const activity = event['activity_id'];
  return [
    ...[...always, ...facts.required].flatMap((rule) => {
      const paths = typeof rule === 'string' ? [rule] : rule;
      return paths.some((path) => at(event, path) !== undefined) ? [] : [`lacks ${paths.join(' or ')}`];
    }),
    ...Object.keys(event).flatMap((name) => (known.has(name) ? [] : [`has no attribute ${name}`])),
    ...Object.entries(enums).flatMap(([path, values]) => {
      const value = at(event, path);
      return value === undefined || values.includes(value) ? [] : [`${path} is ${String(value)}`];
    }),
    ...declared.flatMap((name) => (facts.profiles.includes(String(name)) ? [] : [`no profile ${String(name)} binds`])),
    ...(facts.activities.some((one) => one === activity) ? [] : [`activity_id is ${String(activity)}`]),
    ...(event['type_uid'] === uid * 100 + Number(activity) ? [] : ['type_uid is not of class and activity']),
    ...(event['category_uid'] === facts.category ? [] : ['category_uid is of another class']),
    ...(activity === 99 && typeof event['activity_name'] !== 'string' ? ['lacks activity_name'] : []),
    ...['time', 'start_time', 'end_time', 'count', 'metadata.sequence'].flatMap((path) => {
      const value = at(event, path);
      return value === undefined || Number.isSafeInteger(value) ? [] : [`${path} is no whole number`];
    }),
    ...listOf(event['evidences']).flatMap((one) =>
      evidence.some((name) => at(one, name) !== undefined) ? [] : ['has an evidence of nothing'],
    ),
    ...listOf(event['anomaly_analyses']).flatMap(analysisFaults),
    ...listOf(at(event, 'finding_info.attacks')).flatMap((one) =>
      ['tactic', 'technique', 'sub_technique'].some((name) => at(one, name) !== undefined)
        ? []
        : ['has an empty attack'],
    ),
    ...(at(event, 'metadata.version') === '1.8.0' ? [] : ['metadata.version is another one']),
  ];
}

/** What an evidence may be of. */
const evidence =
  'actor api connection_info data database databucket device dst_endpoint email file job process query resources script src_endpoint url user'.split(
    ' ',
  );

/** What an analysis lacks: targets with names, anomalies and baselines with observations whose values are texts. */
function analysisFaults(analysis: unknown): readonly string[] {
  const [targets, anomalies, baselines] = ['analysis_targets', 'anomalies', 'baselines'].map((name) =>
    listOf(at(analysis, name)),
  );
  const isWhole = (part: unknown): boolean =>
    typeof at(part, 'observation_parameter') === 'string' &&
    listOf(at(part, 'observations')).length > 0 &&
    listOf(at(part, 'observations')).every((one) => typeof at(one, 'value') === 'string');
  const whole =
    targets?.some((target) => typeof at(target, 'name') === 'string') === true &&
    anomalies !== undefined &&
    anomalies.length > 0 &&
    [...anomalies, ...(baselines ?? [])].every(isWhole);
  return whole ? [] : ['has an analysis that is not whole'];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const at = (event: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => (value === undefined ? value : Object(value)[name]), event);

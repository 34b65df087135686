import type { AccessEntry, ResponseFlag } from '../core/access-entry.ts';
import type { Vouched } from '../core/vouched.ts';
import { type Cursor, type Field, reader, readNested, readText, readVarint, readWord } from './cursor.ts';
import { mapEntry, readAddress, readEndpoint, readMillis, readTexts } from './cursor-values.ts';
import { RequestMethod } from './gen/envoy/config/core/v3/base.ts';
import {
  AccessLogType,
  HTTPAccessLogEntry_HTTPVersion as HttpVersion,
} from './gen/envoy/data/accesslog/v3/accesslog.ts';
import { authzFilter, vouchedBy } from './metadata.ts';

type Part = 'milestones' | 'client' | 'request' | 'response' | 'upstream';
type Open<T> = { -readonly [K in keyof T]: T[K] };

/** An entry that is being read. */
type Draft = { readonly [K in Part]: Open<AccessEntry[K]> } & {
  startMs: number;
  vouched: Vouched | undefined;
  traceId: string | undefined;
  /** Whether the request is over. */
  over: boolean;
  readonly flags: ResponseFlag[];
};

function openDraft(): Draft {
  const flags: ResponseFlag[] = [];
  return {
    startMs: 0,
    milestones: {
      requestRead: undefined,
      upstreamAsked: undefined,
      upstreamAnswered: undefined,
      upstreamDone: undefined,
      responseSent: undefined,
      end: undefined,
    },
    client: { address: '', peer: '', userAgent: '' },
    request: { id: '', method: '', scheme: '', host: '', path: '', protocol: '', bodyBytes: 0, wireBytes: 0 },
    response: { status: undefined, flags, details: '', bodyBytes: 0, wireBytes: 0 },
    upstream: { route: '', cluster: '', address: '', attempts: 0, tlsFailure: '' },
    vouched: undefined,
    traceId: undefined,
    over: true,
    flags,
  };
}

type NameOf<P extends Part, V> = { [N in keyof Draft[P]]-?: V extends Draft[P][N] ? N : never }[keyof Draft[P]];

/** What takes a field for a member of a part. */
const member =
  <P extends Part, V>(part: P, name: NameOf<P, V>, read: (cursor: Cursor) => V): Field<Draft>[1] =>
  (draft, cursor) => {
    // NameOf gives the names of those members alone that take what is read.
    (draft[part] as Record<PropertyKey, unknown>)[name] = read(cursor);
  };
const text = <P extends Part>(part: P, name: NameOf<P, string>): Field<Draft> => [
  'bytes',
  member(part, name, readText),
];
const word = <P extends Part>(part: P, name: NameOf<P, string>): Field<Draft> => [
  'bytes',
  member(part, name, readWord),
];
const count = <P extends Part>(part: P, name: NameOf<P, number>): Field<Draft> => [
  'varint',
  member(part, name, readVarint),
];
const time = (name: keyof Draft['milestones']): Field<Draft> => ['bytes', member('milestones', name, readMillis)];
const nested = (fields: Readonly<Record<number, Field<Draft>>>): Field<Draft> => {
  const read = reader(fields);
  return ['bytes', (draft, cursor) => void readNested(cursor, read, draft)];
};
const overUnless = (goesOn: (value: number) => boolean): Field<Draft> => [
  'varint',
  (draft, cursor) => {
    if (goesOn(readVarint(cursor))) draft.over = false;
  },
];

const flag = (letters: ResponseFlag): Field<Draft> => [
  'varint',
  (draft, cursor) => {
    if (readVarint(cursor) !== 0) draft.flags.push(letters);
  },
];
const nothing = reader<undefined>({});
const responseFlags = nested({
  1: flag('LH'),
  2: flag('UH'),
  3: flag('UT'),
  4: flag('LR'),
  5: flag('UR'),
  6: flag('UF'),
  7: flag('UC'),
  8: flag('UO'),
  9: flag('NR'),
  10: flag('DI'),
  11: flag('FI'),
  12: flag('RL'),
  13: [
    'bytes',
    (draft, cursor) => {
      readNested(cursor, nothing, undefined);
      draft.flags.push('UAEX');
    },
  ],
  14: flag('RLSE'),
  15: flag('DC'),
  16: flag('URX'),
  17: flag('SI'),
  18: flag('IH'),
  19: flag('DPE'),
  20: flag('UMSDR'),
  21: flag('RFCF'),
  22: flag('NFCF'),
  23: flag('DT'),
  24: flag('UPE'),
  25: flag('NC'),
  26: flag('OM'),
  27: flag('DF'),
  28: flag('DR'),
});

const readSaid = mapEntry(readTexts);
const readTag = mapEntry(readText);

const common = nested({
  2: ['bytes', member('client', 'address', readAddress)],
  5: [
    'bytes',
    (draft, cursor) => {
      draft.startMs = readMillis(cursor);
    },
  ],
  6: time('requestRead'),
  7: time('upstreamAsked'),
  9: time('upstreamAnswered'),
  10: time('upstreamDone'),
  12: time('responseSent'),
  13: ['bytes', member('upstream', 'address', readEndpoint)],
  15: word('upstream', 'cluster'),
  16: responseFlags,
  17: nested({
    1: [
      'bytes',
      (draft, cursor) => {
        const { key, value } = readSaid(cursor);
        if (key === authzFilter && value !== undefined) draft.vouched = vouchedBy((name) => value.get(name));
      },
    ],
  }),
  18: word('upstream', 'tlsFailure'),
  19: word('upstream', 'route'),
  20: ['bytes', member('client', 'peer', readAddress)],
  22: [
    'bytes',
    (draft, cursor) => {
      const { key, value = '' } = readTag(cursor);
      if (key === 'trace_id' && /^[0-9a-f]{32}$/.test(value)) draft.traceId = value;
    },
  ],
  23: time('end'),
  24: count('upstream', 'attempts'),
  27: overUnless((intermediate) => intermediate !== 0),
  29: count('response', 'wireBytes'),
  30: count('request', 'wireBytes'),
  33: overUnless((type) => type !== AccessLogType.NotSet && type !== AccessLogType.DownstreamEnd),
});

const nameIn =
  (names: ReadonlyMap<number, string>) =>
  (cursor: Cursor): string =>
    names.get(readVarint(cursor)) ?? '';

// Envoy names nine methods, and of any other it says only that it is none of them.
const methods = new Map<number, string>(
  Object.entries(RequestMethod).map(([name, number]) => [number, number === 0 ? '' : name]),
);
const protocols = new Map<number, string>([
  [HttpVersion.HTTP10, 'HTTP/1.0'],
  [HttpVersion.HTTP11, 'HTTP/1.1'],
  [HttpVersion.HTTP2, 'HTTP/2'],
  [HttpVersion.HTTP3, 'HTTP/3'],
]);

/** A google.protobuf.UInt32Value that is a status; 0 is none. */
const readStatus = (cursor: Cursor): number | undefined => {
  const { status } = readNested(cursor, wrapped, { status: undefined });
  return status;
};
const wrapped = reader<{ status: number | undefined }>({
  1: [
    'varint',
    (into, cursor) => {
      into.status = readVarint(cursor) || undefined;
    },
  ],
});

const entryFields = reader<Draft>({
  1: common,
  2: ['varint', member('request', 'protocol', nameIn(protocols))],
  3: nested({
    1: ['varint', member('request', 'method', nameIn(methods))],
    2: word('request', 'scheme'),
    3: word('request', 'host'),
    5: text('request', 'path'),
    6: word('client', 'userAgent'),
    9: text('request', 'id'),
    // original_path stands behind path: as it came, where a filter or a route has changed it.
    10: text('request', 'path'),
    12: count('request', 'bodyBytes'),
  }),
  4: nested({
    1: ['bytes', member('response', 'status', readStatus)],
    3: count('response', 'bodyBytes'),
    6: word('response', 'details'),
  }),
});

/** The envoy.data.accesslog.v3.HTTPAccessLogEntry that stands next; undefined when its request goes on. */
export function readEntry(cursor: Cursor): AccessEntry | undefined {
  const { over, flags: _, ...entry } = readNested(cursor, entryFields, openDraft());
  entry.request.path = withoutQuery(entry.request.path);
  return over ? entry : undefined;
}

function withoutQuery(path: string): string {
  // A sloppy server may take these for the start of a query, too.
  const end = path.search(/[?#]|%(?:25)*(?:3f|23)/i);
  return end < 0 ? path : path.slice(0, end);
}

import type { AccessEntry, ResponseFlag } from '../core/access-entry.ts';
import type { Vouched } from '../core/vouched.ts';
import {
  bytes,
  type Cursor,
  type Field,
  reader,
  readNested,
  readText,
  readVarint,
  readWord,
  varint,
} from './cursor.ts';
import { readAddress, readEndpoint, readMapEntry, readMillis, readStringValue } from './cursor-values.ts';
import { RequestMethod } from './gen/envoy/config/core/v3/base.ts';
import {
  AccessLogType,
  HTTPAccessLogEntry_HTTPVersion as HttpVersion,
} from './gen/envoy/data/accesslog/v3/accesslog.ts';
import { authzFilter, openVouched, vouchedMembers } from './metadata.ts';

type Open<T> = { -readonly [K in keyof T]: T[K] };
type Part = 'milestones' | 'client' | 'request' | 'response' | 'upstream';

/** An entry that is being read. */
type Entry = { readonly [K in Part]: Open<AccessEntry[K]> } & Open<Omit<AccessEntry, Part>>;
interface Draft {
  readonly entry: Entry;
  readonly flags: ResponseFlag[];
  /** Whether the request is over. */
  over: boolean;
}

function openDraft(): Draft {
  const flags: ResponseFlag[] = [];
  const entry: Entry = {
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
  };
  return { entry, flags, over: true };
}

// A setter for each field: what stores by a computed name costs as much as the reading.
const nested = (fields: Readonly<Record<number, Field<Draft>>>): Field<Draft> => {
  const read = reader(fields);
  return bytes((draft, cursor) => void readNested(cursor, read, draft));
};

const flag = (letters: ResponseFlag): Field<Draft> =>
  varint(({ flags }, cursor) => {
    if (readVarint(cursor) !== 0) flags.push(letters);
  });
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
  13: bytes(({ flags }, cursor) => {
    readNested(cursor, nothing, undefined);
    flags.push('UAEX');
  }),
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

/** A field of the google.protobuf.Struct in which our Check has said something. */
function takeSaid(vouched: Open<Vouched>, name: string, cursor: Cursor): void {
  const member = vouchedMembers.get(name);
  if (member === undefined) return;
  // The id alone has never been read before.
  vouched[member] = readStringValue(cursor, member === 'decisionId' ? readText : readWord) || undefined;
}
const said = reader<Open<Vouched>>({ 1: bytes((vouched, cursor) => readMapEntry(cursor, vouched, takeSaid)) });

function takeMetadata(entry: Entry, filter: string, cursor: Cursor): void {
  if (filter === authzFilter) entry.vouched = readNested(cursor, said, openVouched());
}
function takeTag(entry: Entry, tag: string, cursor: Cursor): void {
  if (tag !== 'trace_id') return;
  const value = readText(cursor);
  if (value.length === 32 && !/[^0-9a-f]/.test(value)) entry.traceId = value;
}

const common = nested({
  2: bytes(({ entry: { client } }, cursor) => {
    client.address = readAddress(cursor);
  }),
  5: bytes(({ entry }, cursor) => {
    entry.startMs = readMillis(cursor);
  }),
  6: bytes(({ entry: { milestones } }, cursor) => {
    milestones.requestRead = readMillis(cursor);
  }),
  7: bytes(({ entry: { milestones } }, cursor) => {
    milestones.upstreamAsked = readMillis(cursor);
  }),
  9: bytes(({ entry: { milestones } }, cursor) => {
    milestones.upstreamAnswered = readMillis(cursor);
  }),
  10: bytes(({ entry: { milestones } }, cursor) => {
    milestones.upstreamDone = readMillis(cursor);
  }),
  12: bytes(({ entry: { milestones } }, cursor) => {
    milestones.responseSent = readMillis(cursor);
  }),
  13: bytes(({ entry: { upstream } }, cursor) => {
    upstream.address = readEndpoint(cursor);
  }),
  15: bytes(({ entry: { upstream } }, cursor) => {
    upstream.cluster = readWord(cursor);
  }),
  16: responseFlags,
  17: nested({ 1: bytes(({ entry }, cursor) => readMapEntry(cursor, entry, takeMetadata)) }),
  18: bytes(({ entry: { upstream } }, cursor) => {
    upstream.tlsFailure = readWord(cursor);
  }),
  19: bytes(({ entry: { upstream } }, cursor) => {
    upstream.route = readWord(cursor);
  }),
  20: bytes(({ entry: { client } }, cursor) => {
    client.peer = readAddress(cursor);
  }),
  22: bytes(({ entry }, cursor) => readMapEntry(cursor, entry, takeTag)),
  23: bytes(({ entry: { milestones } }, cursor) => {
    milestones.end = readMillis(cursor);
  }),
  24: varint(({ entry: { upstream } }, cursor) => {
    upstream.attempts = readVarint(cursor);
  }),
  27: varint((draft, cursor) => {
    if (readVarint(cursor) !== 0) draft.over = false;
  }),
  29: varint(({ entry: { response } }, cursor) => {
    response.wireBytes = readVarint(cursor);
  }),
  30: varint(({ entry: { request } }, cursor) => {
    request.wireBytes = readVarint(cursor);
  }),
  33: varint((draft, cursor) => {
    const type = readVarint(cursor);
    if (type !== AccessLogType.NotSet && type !== AccessLogType.DownstreamEnd) draft.over = false;
  }),
});

const nameOf = (names: ReadonlyMap<number, string>, cursor: Cursor): string => names.get(readVarint(cursor)) ?? '';

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
const status = reader<Entry['response']>({
  1: varint((response, cursor) => {
    response.status = readVarint(cursor) || undefined;
  }),
});

const request = nested({
  1: varint(({ entry }, cursor) => {
    entry.request.method = nameOf(methods, cursor);
  }),
  2: bytes(({ entry }, cursor) => {
    entry.request.scheme = readWord(cursor);
  }),
  3: bytes(({ entry }, cursor) => {
    entry.request.host = readWord(cursor);
  }),
  5: bytes(({ entry }, cursor) => {
    entry.request.path = readText(cursor);
  }),
  6: bytes(({ entry }, cursor) => {
    entry.client.userAgent = readWord(cursor);
  }),
  9: bytes(({ entry }, cursor) => {
    entry.request.id = readText(cursor);
  }),
  // original_path stands behind path: as it came, where a filter or a route has changed it.
  10: bytes(({ entry }, cursor) => {
    entry.request.path = readText(cursor);
  }),
  12: varint(({ entry }, cursor) => {
    entry.request.bodyBytes = readVarint(cursor);
  }),
});

const response = nested({
  1: bytes(({ entry }, cursor) => void readNested(cursor, status, entry.response)),
  3: varint(({ entry }, cursor) => {
    entry.response.bodyBytes = readVarint(cursor);
  }),
  6: bytes(({ entry }, cursor) => {
    entry.response.details = readWord(cursor);
  }),
});

const entryFields = reader<Draft>({
  1: common,
  2: varint(({ entry }, cursor) => {
    entry.request.protocol = nameOf(protocols, cursor);
  }),
  3: request,
  4: response,
});

/** The envoy.data.accesslog.v3.HTTPAccessLogEntry that stands next; undefined when its request goes on. */
export function readEntry(cursor: Cursor): AccessEntry | undefined {
  const { entry, over } = readNested(cursor, entryFields, openDraft());
  entry.request.path = withoutQuery(entry.request.path);
  return over ? entry : undefined;
}

function withoutQuery(path: string): string {
  // A sloppy server may take these for the start of a query, too.
  const end = path.includes('%') ? path.search(/[?#]|%(?:25)*(?:3f|23)/i) : path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

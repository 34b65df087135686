import { detectorKind, type Sight, type Sign } from '../detector.ts';
import type { Key } from '../hash.ts';
import { countSchema, numberSchema, openThresholds } from '../options.ts';
import { openRooms } from '../slots.ts';

interface VolumeOptions {
  readonly ratio: number;
  readonly leastBytes: number;
  readonly principals: number;
}

const minuteMs = 60_000;
/** Minutes with responses that are to be seen of a principal before it is judged. */
const learnMinutes = 30;
const meanMinutes = 240;
const scales = 4;
const leastScale = 0.25;

/** Far more bytes of responses in a minute than a principal is used to read. */
export const volumes = detectorKind<VolumeOptions>({
  description: 'One principal reads far more than it is used to, in bytes of responses. Needs listen.access_log.',
  learns: true,
  schema: {
    ratio: numberSchema('How many times as much in a minute as usual is unusual. Default: 5.', 1.5),
    at_least: {
      type: 'string',
      format: 'bytes',
      description: 'Less than so much in a minute is never unusual. Default: 10MiB.',
    },
    principals: countSchema('Principals that are told apart. Default: 50000.', 100),
  },
  build: (raw, context) => {
    const read = openThresholds(raw, context);
    return {
      ratio: read.number('ratio', 5),
      leastBytes: read.bytes('at_least', '10MiB'),
      principals: read.number('principals', 50_000),
    };
  },
  open: (options, { raise }) => {
    const minutes = openMinutes(options);
    return {
      take: (sight) => {
        const { observation, principal } = sight;
        if (observation.stage !== 'over' || principal.high === 0 || !isCount(observation.bytesOut)) return;
        const usual = minutes.add(principal, observation.bytesOut, observation.atMs);
        if (usual !== undefined) raise(signOf(sight, minutes.bytes(principal), usual));
      },
      tick: () => {},
    };
  },
});

/** Neither nothing nor nonsense, which would be learnt and never forgotten. */
const isCount = (bytes: number): boolean => bytes > 0 && Number.isSafeInteger(bytes);

function signOf({ observation: { principal = '', atMs } }: Sight, bytes: number, usual: number): Sign {
  return {
    subject: { kind: 'principal', name: principal },
    title: `${Math.round(bytes / Math.max(usual, 1))} times as many bytes in a minute as usual`,
    measure: { name: 'bytes_per_minute', observed: bytes, expected: Math.round(usual) },
    technique: 'T1530',
    blame: [{ kind: 'principal', key: principal }],
    sinceMs: atMs - (atMs % minuteMs),
    atMs,
  };
}

// A record of each principal: the bytes of its minute (a double), then these, a word each.
const means = 2;
const deviations = 3;
const minuteOf = 4;
const seen = 5;
const wordsOfOne = 6;

/** Bytes of each principal by the minute, and what is usual; minutes without responses say nothing. */
function openMinutes({ ratio, leastBytes, principals }: VolumeOptions) {
  const rooms = openRooms(principals, wordsOfOne);
  const { doubles, floats, counts } = rooms.records;
  const step = Math.log(ratio);

  const close = (from: number): void => {
    const count = Math.min((counts[from + seen] ?? 0) + 1, meanMinutes);
    const mean = floats[from + means] ?? 0;
    const deviation = floats[from + deviations] ?? 0;
    const residual = Math.log1p(doubles[from >> 1] ?? 0) - mean;
    // One minute must not make the next one usual.
    const bound = count <= learnMinutes ? Number.POSITIVE_INFINITY : 1;
    floats[from + means] = mean + Math.max(-bound, Math.min(bound, residual)) / count;
    if (count > 1) floats[from + deviations] = deviation + (Math.abs(residual) - deviation) / count;
    counts[from + seen] = count;
    doubles[from >> 1] = 0;
  };
  return {
    bytes: (principal: Key): number => doubles[Math.max(0, rooms.find(principal)) >> 1] ?? 0,
    /** Adds the bytes of a request; gives what is usual where the minute is not. */
    add: (principal: Key, bytesOut: number, atMs: number): number | undefined => {
      const minute = Math.floor(atMs / minuteMs);
      const claimed = rooms.claim(principal);
      const from = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) counts[from + minuteOf] = minute;
      if (minute > (counts[from + minuteOf] ?? 0)) {
        close(from);
        counts[from + minuteOf] = minute;
      }
      const learnt = counts[from + seen] ?? 0;
      // Who has a past is kept for longer.
      rooms.keep(minute + learnt);
      const sum = (doubles[from >> 1] ?? 0) + bytesOut;
      doubles[from >> 1] = sum;
      if (sum < leastBytes || learnt < learnMinutes) return undefined;
      const mean = floats[from + means] ?? 0;
      const scale = Math.max(leastScale, floats[from + deviations] ?? 0);
      return Math.log1p(sum) - mean >= Math.max(step, scales * scale) ? Math.expm1(mean) : undefined;
    },
  };
}

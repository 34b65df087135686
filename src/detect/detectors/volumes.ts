import { detectorKind, type Sight, type Sign } from '../detector.ts';
import { countSchema, numberSchema, openThresholds } from '../options.ts';
import { openSlots } from '../slots.ts';

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
        if (principal === 0 || observation.stage !== 'over' || !isCount(observation.bytesOut)) return;
        const usual = minutes.add(sight);
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

/** Bytes of each principal by the minute, and what is usual; minutes without responses say nothing. */
function openMinutes({ ratio, leastBytes, principals }: VolumeOptions) {
  const slots = openSlots(principals);
  const minuteOf = new Uint32Array(slots.size);
  const sums = new Float64Array(slots.size);
  const means = new Float32Array(slots.size);
  const deviations = new Float32Array(slots.size);
  const seen = new Uint16Array(slots.size);

  const close = (slot: number): void => {
    const count = Math.min((seen[slot] ?? 0) + 1, meanMinutes);
    const mean = means[slot] ?? 0;
    const residual = Math.log1p(sums[slot] ?? 0) - mean;
    // One minute must not make the next one usual.
    const bound = count <= learnMinutes ? Number.POSITIVE_INFINITY : 1;
    means[slot] = mean + Math.max(-bound, Math.min(bound, residual)) / count;
    if (count > 1) deviations[slot] = (deviations[slot] ?? 0) + (Math.abs(residual) - (deviations[slot] ?? 0)) / count;
    seen[slot] = count;
    sums[slot] = 0;
  };
  return {
    bytes: (principal: number): number => sums[Math.max(0, slots.find(principal))] ?? 0,
    /** Adds the bytes of a request; gives what is usual where the minute is not. */
    add: ({ observation: { atMs, bytesOut }, principal }: Sight): number | undefined => {
      const minute = Math.floor(atMs / minuteMs);
      const claimed = slots.claim(principal);
      const slot = claimed < 0 ? ~claimed : claimed;
      if (claimed < 0) {
        for (const column of [sums, means, deviations, seen]) column[slot] = 0;
        minuteOf[slot] = minute;
      }
      if (minute > (minuteOf[slot] ?? 0)) {
        close(slot);
        minuteOf[slot] = minute;
      }
      // Who has a past is kept for longer.
      slots.keep(slot, minute + (seen[slot] ?? 0));
      sums[slot] = (sums[slot] ?? 0) + bytesOut;
      const sum = sums[slot] ?? 0;
      if (sum < leastBytes || (seen[slot] ?? 0) < learnMinutes) return undefined;
      const apart = Math.log1p(sum) - (means[slot] ?? 0);
      const scale = Math.max(leastScale, deviations[slot] ?? 0);
      return apart >= Math.max(Math.log(ratio), scales * scale) ? Math.expm1(means[slot] ?? 0) : undefined;
    },
  };
}

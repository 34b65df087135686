import { encodings } from '../../src/audit/encodings/index.ts';
import { buildAudit } from '../../src/audit/index.ts';
import type { OtlpReceiver } from './otlp-receiver.ts';
import { recordIssues } from './recording-context.ts';
import { type Harness, harnesses, type Rig } from './sink-rigs.ts';

/** A sink under search: where it stands in the config, and all that came out of it. */
export interface SearchedSink {
  readonly place: string;
  readonly entry: unknown;
  readonly text: () => string | Promise<string>;
  readonly stop: () => void | Promise<void>;
}

/** Every kind of sink in every encoding that it takes, each with a world of its own. */
export async function openSinks(
  collector: OtlpReceiver,
  stdout: () => Promise<string>,
): Promise<readonly SearchedSink[]> {
  const all: SearchedSink[] = [];
  for (const [kind, harness] of Object.entries<Harness>(harnesses)) {
    for (const encoding of Object.keys(encodings)) {
      const rig = await harness.ready();
      const entry = withEncoding(rig, encoding);
      const { context, issues } = recordIssues({ [tokenOf(entry) ?? '']: 'receiver-token' });
      buildAudit({ sinks: [entry] }, context);
      if (issues.some((issue) => issue.includes('encoding'))) {
        await rig.stop();
        continue;
      }
      // Of these two there is one in a process.
      const text = rig.options.stdout ? stdout : rig.options.otlpEndpoint ? () => collector.raw.join('\n') : rig.text;
      all.push({ place: `${kind} as ${encoding}`, entry, text, stop: rig.stop });
    }
  }
  return all;
}

function withEncoding({ entry }: Rig, encoding: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  if (typeof entry === 'string') return { [entry]: { encoding } };
  return Object.fromEntries(Object.entries(entry).map(([kind, options]) => [kind, { ...options, encoding }]));
}
const tokenOf = (entry: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string | undefined =>
  Object.values(entry)
    .map((options) => options['token_file'])[0]
    ?.toString();

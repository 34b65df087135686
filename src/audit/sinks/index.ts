import type { SinkKind } from '../sink.ts';
import { elasticBulk } from './elastic-bulk.ts';
import { file } from './file.ts';
import { otlp } from './otlp.ts';
import { splunkHec } from './splunk-hec.ts';
import { stdout } from './stdout.ts';
import { syslog } from './syslog.ts';
import { webhook } from './webhook.ts';

/** Every kind of sink. */
export const sinks = {
  stdout,
  otlp,
  file,
  syslog,
  webhook,
  splunk_hec: splunkHec,
  elastic_bulk: elasticBulk,
} as const satisfies Record<string, SinkKind>;

/** A name of the sink table. */
export type SinkName = keyof typeof sinks;

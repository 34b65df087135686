import type { SinkKind } from '../sink.ts';
import { file } from './file.ts';
import { otlp } from './otlp.ts';
import { stdout } from './stdout.ts';

/** Every kind of sink. */
export const sinks = { stdout, otlp, file } as const satisfies Record<string, SinkKind>;

/** A name of the sink table. */
export type SinkName = keyof typeof sinks;

import { openFile } from '../../sinks/file.ts';
import { fileSchema, readFileTarget } from '../../sinks/file-options.ts';
import type { SinkKind } from '../sink.ts';

/** A file of events, one a line, rotated by size and age. */
export const file: SinkKind = {
  schema: fileSchema('Audit events'),
  build: (options, context) => {
    const target = readFileTarget(options, context);
    if (target === undefined) return () => ({ inactive: 'it has no path' });
    return ({ clock }) => ({ sink: openFile(target, clock) });
  },
};

import { openReader } from '../../core/options.ts';
import type { AuditEvent } from '../ocsf.ts';
import type { Sink, SinkKind } from '../sink.ts';
import { deliveredOf, openPost, readTarget, targetSchema } from './http.ts';

/** Splunk’s HTTP Event Collector: each event in its envelope, one after the other. */
export const splunkHec: SinkKind = {
  schema: {
    type: 'object',
    description: 'Audit events to the HTTP Event Collector of Splunk, whose URL ends with /services/collector/event.',
    additionalProperties: false,
    required: ['url', 'token_file'],
    properties: {
      ...targetSchema('the token of the collector, sent as authorization: Splunk'),
      index: { type: 'string', minLength: 1, description: 'The index. Default: that of the token.' },
      sourcetype: { type: 'string', minLength: 1, description: 'The source type. Default: portcullis:audit.' },
    },
  },
  build: (options, context, { json }) => {
    const target = readTarget(options, context);
    const reader = openReader(options, context.issue);
    const index = reader.has('index') ? reader.text('index', '') : undefined;
    const sourcetype = reader.text('sourcetype', 'portcullis:audit');
    return ({ clock, instanceId, serviceName }) => {
      const about = JSON.stringify({ host: instanceId, source: serviceName, sourcetype, index });
      // The line goes in as it is: whoever takes it out again can check its hash.
      const wrap = ({ timeMs, line }: AuditEvent): string =>
        `{"time":${(timeMs / 1000).toFixed(3)},${about.slice(1, -1)},"event":${json ? line : JSON.stringify(line)}}`;
      const { post, close } = openPost(target, 'Splunk', clock);
      const sink: Sink = {
        write: async (batch) => deliveredOf(await post(batch.map(wrap).join('\n'), 'application/json')),
        close,
      };
      return { sink };
    };
  },
};

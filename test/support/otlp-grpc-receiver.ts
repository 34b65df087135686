import { join } from 'node:path';
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** A span that came over gRPC; ids in hexadecimal. */
export interface GrpcSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for the root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly service: unknown;
}

/** A receiver of traces over gRPC, in the process of the test. */
export interface OtlpGrpcReceiver {
  readonly port: number;
  readonly spans: readonly GrpcSpan[];
  stop(): void;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}
/** A request as the loader decodes it. */
interface ExportRequest {
  readonly resource_spans?: readonly {
    readonly resource?: { readonly attributes?: readonly KeyValue[] };
    readonly scope_spans?: readonly { readonly spans?: readonly WireSpan[] }[];
  }[];
}
interface WireSpan {
  readonly trace_id: Buffer;
  readonly span_id: Buffer;
  readonly parent_span_id: Buffer;
  readonly name: string;
  readonly kind: number;
  readonly attributes?: readonly KeyValue[];
}

const serviceName = 'opentelemetry.proto.collector.trace.v1.TraceService';

/** Starts a receiver on a free port of 127.0.0.1. */
export async function startOtlpGrpcReceiver(): Promise<OtlpGrpcReceiver> {
  const options = { keepCase: true, longs: Number, defaults: true, oneofs: true };
  const loaded = loadSync(join(import.meta.dirname, 'otlp-trace.proto'), options)[serviceName];
  const spans: GrpcSpan[] = [];
  const server = new Server();
  server.addService(loaded as ServiceDefinition, {
    // the loader gives a service under a service's name
    Export: (call: ServerUnaryCall<ExportRequest, object>, done: sendUnaryData<object>) => {
      spans.push(...spansOf(call.request));
      done(null, {});
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, spans, stop: () => server.forceShutdown() };
}

const spansOf = ({ resource_spans = [] }: ExportRequest): readonly GrpcSpan[] =>
  resource_spans.flatMap(({ resource, scope_spans = [] }) => {
    const service = recordOf(resource?.attributes)['service.name'];
    return scope_spans
      .flatMap(({ spans = [] }) => spans)
      .map((span) => ({
        traceId: span.trace_id.toString('hex'),
        spanId: span.span_id.toString('hex'),
        parentSpanId: span.parent_span_id.toString('hex'),
        name: span.name,
        kind: span.kind,
        attributes: recordOf(span.attributes),
        service,
      }));
  });

const recordOf = (attributes: readonly KeyValue[] = []): Readonly<Record<string, unknown>> =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value[String(value['value'])]]));

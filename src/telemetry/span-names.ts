/** The name of the span of a Check call: the full method, as gRPC spans are named. */
export const checkSpan = 'envoy.service.auth.v3.Authorization/Check';

/** The name of the span of a Process stream. */
export const processSpan = 'envoy.service.ext_proc.v3.ExternalProcessor/Process';

/** Attributes of these spans: OpenTelemetry's semantic conventions where they have a name, our own prefix where not. */
export const attributes = Object.freeze({
  rpcSystem: 'rpc.system.name',
  rpcMethod: 'rpc.method',
  errorType: 'error.type',
  httpMethod: 'http.request.method',
  httpStatus: 'http.response.status_code',
  urlPath: 'url.path',
  serverAddress: 'server.address',
  clientAddress: 'client.address',
  decision: 'portcullis.decision',
  reason: 'portcullis.reason',
  rule: 'portcullis.rule',
  decisionId: 'portcullis.decision_id',
  planVersion: 'portcullis.plan.version',
  principalSource: 'portcullis.principal.source',
  /** What each step said, in their order. */
  steps: 'portcullis.steps',
  /** What rules in shadow mode would have decided. */
  shadow: 'portcullis.shadow',
  /** Followed by the step's name: its verdict. */
  stepPrefix: 'portcullis.step.',
  /** After the name of such an attribute: how long the step took, in milliseconds. */
  durationSuffix: '.duration_ms',
  /** Why there is a span: parent, root, rule or reason. */
  sampledBy: 'portcullis.sampled_by',
});

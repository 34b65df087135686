import type { JsonSchema } from '../core/build.ts';
import { type Reason, reasonCodes } from '../core/reason.ts';
import { type RequestDescription, requestSchema } from './request.ts';

/** One entry of `tests`: a request and what must become of it. */
export interface TestOptions {
  readonly name: string;
  readonly request: RequestDescription;
  readonly expect: Expectation;
}

/** What must become of a request. */
export interface Expectation {
  /** true, or the id of the rule that must allow. */
  readonly allow?: true | string;
  /** true, the status, or the reason code of the denial. */
  readonly deny?: true | number | Reason;
}

/** The schema of the config key `tests`. */
export const testsSchema: JsonSchema = Object.freeze({
  type: 'array',
  description: 'Requests and what must become of them; `portcullis test` runs them. Default: none.',
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['name', 'request', 'expect'],
    properties: {
      name: { type: 'string', minLength: 1, description: 'What the test is about. Required.' },
      request: requestSchema,
      expect: {
        type: 'object',
        description: 'What must become of the request. Required.',
        additionalProperties: false,
        minProperties: 1,
        maxProperties: 1,
        properties: {
          allow: { type: ['boolean', 'string'], description: 'true, or the id of the rule that must allow it.' },
          deny: {
            enum: [true, 400, 401, 403, 413, 415, 422, 429, 503, ...reasonCodes],
            description: 'true, the status or the reason code of the denial.',
          },
        },
      },
    },
  },
});

import type { NormalRequest } from '../../core/attributes.ts';
import { passWith, type Reject, reject, type Verdict } from '../../core/verdict.ts';
import { hasNoBody } from '../content/presence.ts';
import type { Reading } from '../reading.ts';
import { admit, refuse } from './admission.ts';
import { type BodyReader, readBody } from './body.ts';
import { matchBody, type RequestBody } from './openapi/bodies.ts';
import type { Contract } from './openapi/contract.ts';
import { checkParameters, type Operation, type ParameterRefusal, provenParameters } from './openapi/operation.ts';
import { provenBy } from './proven.ts';
import { mismatched } from './refusals.ts';

/** How a contract is held to. */
interface CallCheck {
  readonly contract: Contract;
  /** What the contract does not know is refused. */
  readonly strict: boolean;
  readonly reader: BodyReader;
}

function refuseParameter({ schemaPath, ...refusal }: ParameterRefusal, { id }: Operation): Reject {
  const where = schemaPath === undefined ? {} : { schemaPath };
  return reject(
    'parameter_mismatch',
    { inspection: 'payload', operation: id, ...refusal, ...where },
    { expose: { ...refusal } },
  );
}

function checkBody(
  request: NormalRequest,
  body: RequestBody,
  { reader }: CallCheck,
  reading: Reading,
): Reject | undefined {
  if (!body.required && hasNoBody(request)) return undefined;
  const accepts = (type: string): boolean => body.find(type) !== undefined;
  const admitted = admit(request, { maxBytes: reader.limits.maxBytes, accepts, listed: body.ranges });
  if ('kind' in admitted) return admitted;
  const media = body.find(admitted.body.mediaType);
  const content = readBody(admitted, reader, reading);
  if ('kind' in content) return content;
  if (media === undefined) return undefined;
  const [first, ...rest] = matchBody(content, media);
  if (first !== undefined) return mismatched([first, ...rest]);
  const before = reading.proven;
  const proven = media.matcher === undefined ? () => false : provenBy(media.shape, content);
  reading.proven = (field) => before(field) || proven(field);
  return undefined;
}

/** Compiles the check of calls against an OpenAPI contract: the operation, its parameters, its body. */
export function buildCallCheck(check: CallCheck): (request: NormalRequest, reading: Reading) => Verdict {
  const { contract, strict } = check;
  return (request, reading) => {
    const called = contract(request);
    if (called === undefined) {
      if (strict) return reject('operation_unknown', { inspection: 'payload' });
      return passWith(undefined, { inspection: 'payload', unchecked: 'operation' });
    }
    const { operation, path } = called;
    const refused = checkParameters(operation, request, path, strict);
    if (refused !== undefined) return refuseParameter(refused, operation);
    reading.proven = provenParameters(operation, path);
    const done = { operation: operation.id };
    if (operation.body !== undefined)
      return checkBody(request, operation.body, check, reading) ?? passWith(undefined, done);
    if (hasNoBody(request)) return passWith(undefined, done);
    if (strict) return refuse('media_type_unsupported', { check: 'undeclared', operation: operation.id });
    return passWith(undefined, { ...done, unchecked: 'body' });
  };
}

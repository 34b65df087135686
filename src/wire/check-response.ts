import type { Allow, Decision, Deny, HeaderMutation } from '../core/decision.ts';
import { internalDenial } from './denial.ts';
import { type HeaderValueOption, HeaderValueOption_HeaderAppendAction } from './gen/envoy/config/core/v3/base.ts';
import { CheckResponse } from './gen/envoy/service/auth/v3/external_auth.ts';
import { StatusCode } from './gen/envoy/type/v3/http_status.ts';
import { headersProblem, nameProblem, soundHeaders } from './header-limits.ts';
import { statusCode } from './http-status.ts';

/**
 * The bytes of an envoy.service.auth.v3.CheckResponse. An allow that Envoy could not carry out (see allowProblem) becomes
 * an internal_error denial; a denial stays one, less the headers that cannot be sent, and with 503 for a status that no
 * denial can have.
 */
export function toCheckResponse(decision: Decision): Uint8Array {
  switch (decision.effect) {
    case 'allow':
      return allowProblem(decision) === undefined ? allowed(decision) : denied(internalDenial(decision.id));
    case 'deny':
      return denied(decision);
    default:
      decision satisfies never;
      return denied(internalDenial(''));
  }
}

/**
 * Why Envoy could not carry out an allow: header_count (over 100), header_bytes (over 60 KiB), header_name (no lower-case
 * token), header_untouchable (the host and the framing of the message) or header_value; undefined when it can.
 */
export const allowProblem = ({ set, remove, response }: Allow): string | undefined =>
  headersProblem(set) ?? headersProblem(response) ?? remove.map(nameProblem).find((problem) => problem !== undefined);

function allowed({ set, remove, removeQuery, response, metadata }: Allow): Uint8Array {
  return CheckResponse.encode({
    status: { code: 0, message: '', details: [] },
    httpResponse: {
      $case: 'okResponse',
      value: {
        headers: set.map(headerOption),
        dynamicMetadata: undefined,
        // Envoy removes after it sets: what stands in both lists would be lost.
        headersToRemove: remove.filter((name) => !set.some((mutation) => mutation.name === name)),
        responseHeadersToAdd: response.map(headerOption),
        queryParametersToSet: [],
        queryParametersToRemove: [...removeQuery],
      },
    },
    dynamicMetadata: metadata,
  }).finish();
}

function denied({ status, headers, body, metadata }: Deny): Uint8Array {
  const code = statusCode(status);
  return CheckResponse.encode({
    status: { code: rpcCodes.get(code) ?? permissionDenied, message: '', details: [] },
    httpResponse: {
      $case: 'deniedResponse',
      value: { status: { code }, headers: soundHeaders(headers).map(headerOption), body },
    },
    dynamicMetadata: metadata,
  }).finish();
}

// Codes of google.rpc.Code; any but zero denies.
const permissionDenied = 7;
const rpcCodes: ReadonlyMap<StatusCode, number> = new Map([
  [StatusCode.BadRequest, 3],
  [StatusCode.PayloadTooLarge, 3],
  [StatusCode.UnsupportedMediaType, 3],
  [StatusCode.UnprocessableEntity, 3],
  [StatusCode.TooManyRequests, 8],
  [StatusCode.ServiceUnavailable, 14],
  [StatusCode.Unauthorized, 16],
]);

const { APPEND_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS_OR_ADD } = HeaderValueOption_HeaderAppendAction;

const headerOption = ({ name, value, append }: HeaderMutation): HeaderValueOption => ({
  header: { key: name, value, rawValue: noBytes },
  append: undefined,
  appendAction: append === true ? APPEND_IF_EXISTS_OR_ADD : OVERWRITE_IF_EXISTS_OR_ADD,
  keepEmptyValue: false,
});

const noBytes = Buffer.alloc(0);

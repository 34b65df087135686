import { StatusCode } from './gen/envoy/type/v3/http_status.ts';

// The enum holds just the statuses that a denial can have, and zero for none.
const statuses: ReadonlyMap<number, StatusCode> = new Map(
  Object.values(StatusCode)
    .filter((code) => code > 0)
    .map((code) => [code, code]),
);

/** The status of a denial as Envoy has it; 503 for one that no denial can have. */
export const statusCode = (status: number): StatusCode => statuses.get(status) ?? StatusCode.ServiceUnavailable;

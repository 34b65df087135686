/** Why a call outside was not made, or its answer not taken; the message holds no secret and is fit for a log. */
export class OutboundError extends Error {
  override readonly name = 'OutboundError';
}

import { visible } from '../core/printable.ts';
import { type AdminAnswer, postAdmin } from './admin-client.ts';
import { aloneNote, askSidecar, type SidecarFlags, type Voice } from './asking.ts';
import { type RevokeOptions, revokeRequest } from './revoke-request.ts';

/** The options of `revoke`. */
export interface RevokeFlags extends RevokeOptions, SidecarFlags {}

/** Asks the sidecar to take something back. Resolves with the exit code, as askSidecar says. */
export const revoke = (file: string | undefined, flags: RevokeFlags, voice: Voice): Promise<number> =>
  askSidecar(file, flags, voice, {
    ask: async ({ target, token, identities }) =>
      postAdmin(target, '/revocations', token, revokeRequest(flags, identities, Date.now())),
    story,
    not: 'not revoked',
  });

function story(body: AdminAnswer['body']): string {
  const { kind, identity, value, before, until } = body;
  const which = before === null ? '' : `, what was issued before ${before}`;
  const end = until === null ? 'for good' : `until ${until}`;
  return `${visible(`revoked: ${kind} ${identity}/${value}${which}, ${end}`)}${aloneNote(body)}`;
}

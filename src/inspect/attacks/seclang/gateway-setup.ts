import type { SourceFile } from '../../../core/build.ts';

/** The rule of CRS that holds content types against a list. */
export const gatewayRule = '920420';

// PUT, PATCH and DELETE beside CRS's own methods, and the types of bodies that APIs take beside CRS's own.
const text = `
SecAction "id:900200,phase:1,pass,t:none,nolog,setvar:'tx.allowed_methods=GET HEAD POST OPTIONS PUT PATCH DELETE'"
SecAction "id:900220,phase:1,pass,t:none,nolog,setvar:'tx.allowed_request_content_type=\
|application/x-www-form-urlencoded| |multipart/form-data| |text/xml| |application/xml| |application/soap+xml| \
|application/json| |text/plain| |application/graphql| |application/x-ndjson| |application/ndjson|'"
SecRule REQUEST_HEADERS:Content-Type "@rx ^application/[0-9a-z!#$&^_.+-]{1,100}\\+json[ \\t]*(?:;|$)" \
"id:900221,phase:1,pass,t:none,t:lowercase,nolog,ctl:ruleRemoveById=${gatewayRule}"
`;

/**
 * The settings of CRS for an API gateway, where a directory has none of its own: SecLang, written as crs-setup.conf has it
 * (its rules 900200 and 900220). No issue can stand in it, for it is the same everywhere.
 */
export const gatewaySetup: SourceFile = Object.freeze({
  name: 'crs-setup.conf',
  digest: '',
  bytes: new Uint8Array(0),
  text,
  document: () => undefined,
  issue: () => {},
  issueAt: () => {},
});

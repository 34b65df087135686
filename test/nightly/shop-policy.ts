import { join } from 'node:path';
import { secret } from './shop-realm.ts';

/** Which path takes tokens that are asked about, by how the gateway says who it is; the last one wants signed answers. */
export const asked = {
  'by-secret': '/orders/1',
  'by-key': '/orders/2',
  'by-certificate': '/orders/3',
  signed: '/orders/4',
} as const;

/** The gateway's config for a realm; the files that it names are in the folder. */
export function shopPolicy(issuer: string, folder: string): string {
  const file = (name: string): string => JSON.stringify(join(folder, name));
  const provider = `issuer: "${issuer}", ca_file: ${file('ca.pem')}`;
  const introspection = (client: string, more = ''): string =>
    `{ introspection: { ${provider}, client: { ${client} }, audience: [orders], cache: { active: 0s }${more} } }`;
  const bySecret = `id: by-secret, secret: ${secret}`;
  const session = `public_url: "https://localhost:\${PORTCULLIS_DEMO_HTTPS_PORT}", session: { keys_files: ["\${PORTCULLIS_DEMO_SESSION_KEY}"] }`;
  const readers = Object.entries(asked).map(
    ([id, path]) =>
      `  - { id: ${id}, match: { path: ${path} }, identity: [${id}], require: { permission: "orders:read" } }`,
  );
  return `version: 1
listen:
  grpc: "127.0.0.1:\${PORTCULLIS_DEMO_GRPC_PORT}"
  admin: { address: "127.0.0.1:\${PORTCULLIS_DEMO_ADMIN_PORT}", token_file: ${file('admin.token')} }
  public: "127.0.0.1:\${PORTCULLIS_DEMO_PUBLIC_PORT}"
identity:
  users:
    jwt:
      issuer: "${issuer}"
      audience: [orders]
      algorithms: [RS256]
      jwks: { discovery: true, ca_file: ${file('ca.pem')} }
      dpop: {}
  partners: { api_key: { keys_file: "\${PORTCULLIS_DEMO_KEYS}" } }
  by-secret: ${introspection(bySecret)}
  by-key: ${introspection(`id: by-key, private_key_file: ${file('gateway.pem')}`)}
  by-certificate: ${introspection(`id: by-certificate, cert_file: ${file('cert.pem')}, key_file: ${file('cert-key.pem')}`)}
  signed: ${introspection(bySecret, ', signed: { algorithms: [RS256] }')}
  browser:
    oidc: { ${provider}, client: { id: browser, secret: ${secret} }, algorithms: [RS256], ${session} }
roles:
  reader: { permissions: ["orders:read"] }
  editor: { inherits: [reader], permissions: ["orders:write"] }
rules:
  - { id: home, match: { path: / }, allow: anonymous }
  - { id: list, match: { path: /orders, methods: [GET] }, identity: [users, browser], require: { permission: "orders:read" } }
  - { id: create, match: { path: /orders, methods: [POST] }, identity: [users, browser], require: { permission: "orders:write" } }
${readers.join('\n')}
  - { id: session, match: { path: /echo, methods: [GET] }, identity: [browser], upstream: { set_headers: { x-sid: "{claims.sid}" } } }
  - { id: proved, match: { path: /echo, methods: [PUT] }, identity: [users], require: { sender_constrained: dpop } }
  - { id: held, match: { path: /echo, methods: [PATCH] }, identity: [users], require: { sender_constrained: mtls } }
  - { id: partners, match: { path: /reports }, identity: [partners] }
  - id: account
    match: { path: /account }
    identity: [browser]
    upstream: { set_headers: { x-user-acr: "{claims.acr}" } }
  - id: security
    match: { path: /account/security }
    identity: [browser]
    require: { step_up: { acr: [code] } }
    upstream: { set_headers: { x-user-acr: "{claims.acr}" } }
  - { id: recent, match: { path: /healthz }, identity: [browser], require: { step_up: { max_age: 1s } } }
audit: { sinks: [stdout] }
`;
}

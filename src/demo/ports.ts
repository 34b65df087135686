import { createServer } from 'node:net';
import { SetupProblem } from '../envoy/problem.ts';

/** Every port of the demo: its default, the environment variable that moves it, and what listens there. */
export const demoPorts = Object.freeze({
  https: { port: 8443, variable: 'PORTCULLIS_DEMO_HTTPS_PORT', what: 'the gateway, HTTPS' },
  http: { port: 8080, variable: 'PORTCULLIS_DEMO_HTTP_PORT', what: 'the gateway, HTTP that redirects' },
  envoyAdmin: { port: 9901, variable: 'PORTCULLIS_DEMO_ENVOY_ADMIN_PORT', what: 'the admin interface of Envoy' },
  grpc: { port: 9191, variable: 'PORTCULLIS_DEMO_GRPC_PORT', what: 'Portcullis, gRPC' },
  admin: { port: 9192, variable: 'PORTCULLIS_DEMO_ADMIN_PORT', what: 'Portcullis, admin HTTP' },
  public: { port: 9193, variable: 'PORTCULLIS_DEMO_PUBLIC_PORT', what: 'Portcullis, its own pages' },
  api1: { port: 9300, variable: 'PORTCULLIS_DEMO_API_PORT_1', what: 'the sample API, first endpoint' },
  api2: { port: 9301, variable: 'PORTCULLIS_DEMO_API_PORT_2', what: 'the sample API, second endpoint' },
  idp: { port: 9400, variable: 'PORTCULLIS_DEMO_IDP_PORT', what: 'the identity provider' },
} as const satisfies Record<string, { port: number; variable: string; what: string }>);

/** A name of the port table. */
type PortName = keyof typeof demoPorts;

/** A port for everything that listens. */
export type Ports = Readonly<Record<PortName, number>>;

/** The names of the port table, in its order. */
export const portNames: readonly PortName[] = Object.freeze(Object.keys(demoPorts) as PortName[]); // keys of a frozen literal

/** One port per name. */
export const portsFrom = (of: (name: PortName) => number): Ports => ({
  https: of('https'),
  http: of('http'),
  envoyAdmin: of('envoyAdmin'),
  grpc: of('grpc'),
  admin: of('admin'),
  public: of('public'),
  api1: of('api1'),
  api2: of('api2'),
  idp: of('idp'),
});

/** The ports that the environment asks for, else the defaults. Throws a SetupProblem with every fault. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const faults: string[] = [];
  const owners = new Map<number, string>();
  const ports = portsFrom((name) => {
    const { port, variable } = demoPorts[name];
    const text = env[variable] ?? '';
    const number = text === '' ? port : Number(text);
    if (!/^\d{0,5}$/.test(text) || number < 1 || number > 65_535) {
      faults.push(`${variable} is ${JSON.stringify(text)}, not a port from 1 to 65535.`);
    }
    const owner = owners.get(number);
    if (owner !== undefined) faults.push(`${owner} and ${variable} are both ${number}.`);
    owners.set(number, variable);
    return number;
  });
  if (faults.length > 0) throw new SetupProblem(faults.join('\n'));
  return ports;
}

/** Resolves when every port is free on loopback; else rejects with a SetupProblem that names each one and its variable. */
export async function ensureFree(ports: Ports): Promise<void> {
  const faults = await Promise.all(
    portNames.map(async (name) => {
      const fault = await tryPort(ports[name]);
      const { what, variable } = demoPorts[name];
      return fault && `Port ${ports[name]} (${what}) ${fault}; free it, or set ${variable} to another port.`;
    }),
  );
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new SetupProblem(found.join('\n'));
}

/** The environment that makes demo/portcullis.yaml use these ports. */
export const portVariables = (ports: Ports): Readonly<Record<string, string>> =>
  Object.fromEntries(portNames.map((name) => [demoPorts[name].variable, `${ports[name]}`]));

function tryPort(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used (${error.code})`);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

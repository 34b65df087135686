// Envoy's part of the access log, in a process of its own: sends messages of 20 entries to an address at a steady rate of entries
// a second, from the word 'on' to the word 'off'. `access-log-load.ts ADDRESS RATE`
import { Client, credentials } from '@grpc/grpc-js';
import { accessMessages } from '../support/access-messages.ts';

const [address = '', rate = '5000'] = process.argv.slice(2);
const entriesEach = 20;
const messagesAMs = Number(rate) / entriesEach / 1000;
const messages = accessMessages(200, entriesEach);

const asIs = (bytes: Buffer): Buffer => bytes;
const client = new Client(address, credentials.createInsecure());
const stream = client.makeClientStreamRequest(
  '/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs',
  asIs,
  asIs,
  () => {},
);

let startMs: number | undefined;
let sent = 0;
setInterval(() => {
  if (startMs === undefined) return;
  // As many as are due: a timer that comes late catches up.
  const due = Math.floor((performance.now() - startMs) * messagesAMs);
  for (; sent < due; sent += 1) stream.write(messages[sent % messages.length] ?? Buffer.alloc(0));
}, 10);

process.on('message', (word) => {
  startMs = word === 'on' ? performance.now() : undefined;
  sent = 0;
});
process.on('disconnect', () => process.exit());
process.send?.('ready');

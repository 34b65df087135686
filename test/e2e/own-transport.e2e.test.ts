import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faultOf, takeStep, tour } from '../../src/demo/tour.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

let gateway: Gateway;
before(async () => {
  gateway = await startGateway({
    config: (demo) => demo.replace(/^ {2}grpc: (.*)$/m, '  grpc: { address: $1, transport: http2 }'),
  });
});
after(() => gateway?.stop());

for (const step of tour) {
  test(`the tour on our own HTTP/2: ${step.title}`, async () => {
    assert.equal(faultOf(step, await takeStep(step, gateway)), undefined);
  });
}

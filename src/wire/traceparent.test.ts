import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseTraceparent } from './traceparent.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

test('a good traceparent gives trace, span and whether it is sampled', () => {
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-01`), { traceId, spanId, sampled: true });
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-00`), { traceId, spanId, sampled: false });
  // The second bit says that the identifier is random (Trace Context level 2).
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-03`), { traceId, spanId, sampled: true });
  assert.deepEqual(parseTraceparent(`00-${traceId}-${spanId}-02`), { traceId, spanId, sampled: false });
});

for (const text of [
  undefined,
  '',
  `01-${traceId}-${spanId}-01`,
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}-0g`,
  `00-${traceId}-${spanId}-01-`,
  `00-${traceId}-${spanId}-01\n`,
  ` 00-${traceId}-${spanId}-01`,
  `00_${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}`,
]) {
  test(`is no traceparent: ${JSON.stringify(text)}`, () => {
    assert.equal(parseTraceparent(text), undefined);
  });
}

test('whatever is accepted gives the text back', () => {
  const hex = (length: number) =>
    fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (trace, span, sampled) => {
      const parsed = parseTraceparent(`00-${trace}-${span}-0${sampled ? 1 : 0}`);
      if (/^0+$/.test(trace) || /^0+$/.test(span)) return parsed === undefined;
      assert.deepEqual(parsed, { traceId: trace, spanId: span, sampled });
      return true;
    }),
  );
});

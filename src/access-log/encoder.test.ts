import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anEntry } from '../../test/support/access-entries.ts';
import { compileEncoder } from './encoder.ts';

const all = compileEncoder({ erase: [], replace: [] });
const vouched = { decisionId: 'd-1', reason: 'ok', rule: 'orders', principalId: 'alice', principalSource: 'users' };
const traceId = '0af7651916cd43dd8448eb211c80319c';

test('a request is one line of JSON, under OpenTelemetry’s names', () => {
  const entry = { ...anEntry({ vouched, client: { peer: '10.0.0.7' } }), traceId };
  const line = all.line(entry);
  assert.ok(!line.includes('\n'));
  assert.deepEqual(JSON.parse(line), {
    time: '2023-11-14T22:13:20.000Z',
    event_name: 'portcullis.access',
    trace_id: traceId,
    'client.address': '198.51.100.7',
    'network.peer.address': '10.0.0.7',
    'portcullis.principal.source': 'users',
    'portcullis.principal.id': 'alice',
    'http.request.method': 'GET',
    'url.scheme': 'https',
    'server.address': 'api.example.com',
    'url.path': '/orders/1',
    'network.protocol.version': '2',
    'user_agent.original': 'curl/8.9',
    'http.response.status_code': 200,
    'portcullis.response.details': 'via_upstream',
    'portcullis.decision': 'allow',
    'portcullis.decision_id': 'd-1',
    'portcullis.reason': 'ok',
    'portcullis.rule': 'orders',
    'portcullis.route': 'orders',
    'portcullis.upstream.cluster': 'api',
    'portcullis.upstream.address': '10.0.0.1:80',
    'portcullis.upstream.attempts': 1,
    'portcullis.duration_ms': 12,
    'portcullis.request_read_ms': 1,
    'portcullis.upstream_asked_ms': 2,
    'portcullis.upstream_answered_ms': 10,
    'portcullis.upstream_done_ms': 11,
    'portcullis.response_sent_ms': 12,
    'http.request.body.size': 0,
    'http.request.size': 300,
    'http.response.body.size': 40,
    'http.response.size': 400,
    'portcullis.request.id': 'b3b2',
  });
});

test('a log record says the same, and has a severity and its trace', () => {
  const entry = { ...anEntry({ vouched }), traceId };
  const facts = all.facts(entry);
  const { time: _, event_name: __, trace_id: ___, ...fields } = JSON.parse(all.line(entry));
  assert.deepEqual(facts.attributes, fields);
  assert.equal(facts.timeMs, entry.startMs);
  assert.equal(facts.body, 'GET /orders/1 200');
  assert.deepEqual(facts.trace, { traceId, spanId: '', sampled: false });
  const severity = (response: Parameters<typeof anEntry>[0]): string => all.facts(anEntry(response)).severity.text;
  assert.equal(facts.severity.text, 'INFO');
  assert.equal(severity({ response: { status: 404 } }), 'INFO');
  assert.equal(severity({ response: { status: 403, flags: ['UAEX'] }, vouched: { reason: 'role_missing' } }), 'WARN');
  assert.equal(severity({ response: { status: 503, flags: ['UH'] } }), 'ERROR');
  assert.equal(severity({ response: { status: 500, details: 'direct_response' } }), 'ERROR');
});

test('what we said is told, and that nobody asked us or heard of us', () => {
  const decision = (sketch: Parameters<typeof anEntry>[0]): unknown =>
    JSON.parse(all.line(anEntry(sketch)))['portcullis.decision'];
  assert.equal(decision({ vouched: { reason: 'ok' } }), 'allow');
  assert.equal(decision({ vouched: { reason: 'no_rule' }, response: { flags: ['UAEX'] } }), 'deny');
  assert.equal(decision({ response: { flags: ['UAEX'] } }), 'unanswered');
  assert.equal(decision({}), 'unasked');
});

test('what clients choose is bounded, forges no line, and hides nothing', () => {
  const entry = anEntry({ client: { userAgent: `a"b\\c\n\u202e${'x'.repeat(1000)}` } });
  const line = all.line({ ...entry, request: { ...entry.request, host: 'user:secret@[2001:db8::1]:8443' } });
  assert.ok(/^[^\n]*$/.test(line) && !line.includes('\u202e') && !line.includes('secret'));
  const read = JSON.parse(line);
  assert.ok(read['user_agent.original'].startsWith('a"b\\c\\u{a}\\u{202e}xx'));
  assert.ok(read['user_agent.original'].length <= 257);
  assert.equal(read['server.address'], '[2001:db8::1]');
  assert.equal(read['server.port'], 8443);
});

test('times are told to the millisecond, and one that no calendar has is none', () => {
  const timeOf = (startMs: number): unknown => JSON.parse(all.line({ ...anEntry(), startMs })).time;
  assert.equal(timeOf(1_700_000_000_007.9), '2023-11-14T22:13:20.007Z');
  assert.equal(timeOf(1_700_000_000_999), '2023-11-14T22:13:20.999Z');
  assert.equal(timeOf(0), '1970-01-01T00:00:00.000Z');
  assert.match(String(timeOf(2 ** 63)), /^1970-01-01T00:00:00\.\d{3}Z$/);
});

test('what is erased is not written, what is replaced becomes stars, in the body too', () => {
  const masked = compileEncoder({ erase: ['user_agent.original'], replace: ['url.path', 'portcullis.principal.id'] });
  const line = masked.line(anEntry({ vouched: { reason: 'ok' } }));
  const read = JSON.parse(line);
  assert.equal('user_agent.original' in read, false);
  assert.equal(read['url.path'], '***');
  // Where there is nothing there is nothing to hide.
  assert.equal('portcullis.principal.id' in read, false);
  assert.equal(masked.facts(anEntry()).body, 'GET *** 200');
});

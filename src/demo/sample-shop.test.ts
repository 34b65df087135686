import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openShop } from './sample-shop.ts';

test('products are found by their names', () => {
  const shop = openShop();
  assert.deepEqual(shop.answer('GET', '/shop/products?q=am', '')?.body, [{ id: 1, name: 'lamp' }]);
  assert.equal(Object(shop.answer('HEAD', '/shop/products', '')?.body).length, 5);
});

test('a review is kept as it came', () => {
  const shop = openShop();
  const review = { rating: 5, text: 'Bright' };
  const path = '/shop/products/1/reviews';
  assert.deepEqual(shop.answer('POST', path, JSON.stringify(review)), { status: 201, body: review });
  assert.deepEqual(shop.answer('GET', path, '')?.body, [review]);
  assert.deepEqual(shop.answer('GET', '/shop/products/2/reviews', '')?.body, []);
});

test('a receipt gives the whole number of a card away', () => {
  assert.match(JSON.stringify(openShop().answer('GET', '/shop/receipts/1', '')?.body), /4111 1111 1111 1111/);
});

test('what is not there has no answer', () => {
  const shop = openShop();
  for (const [method, target] of [
    ['GET', '/shop/receipts/2'],
    ['GET', '/shop/products/6/reviews'],
    ['PUT', '/shop/products/1/reviews'],
    ['GET', '/orders'],
  ] as const) {
    assert.equal(shop.answer(method, target, '{}'), undefined);
  }
});

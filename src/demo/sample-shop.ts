/** A review as callers send it. */
interface Review {
  readonly rating: number;
  readonly text: string;
}

/** What the shop has to say to a request. */
interface ShopAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** The part of the sample API below /shop; demo/shop.openapi.yaml describes its catalogue. It trusts whoever calls: the gateway is there for that. */
export interface SampleShop {
  /** Undefined for what is not there; the query stands in the target, the body is JSON text. */
  answer(method: string, target: string, body: string): ShopAnswer | undefined;
}

const products = ['lamp', 'desk', 'chair', 'shelf', 'clock'].map((name, index) => ({ id: index + 1, name }));
// The number that every payment provider gives out for tests.
const receipt = { order: 1, total: '49.00 EUR', paid_with: '4111 1111 1111 1111' };

/** Opens a shop with five products, no review and one receipt. */
export function openShop(): SampleShop {
  const reviews = new Map<number, Review[]>(products.map(({ id }) => [id, []]));
  return {
    answer: (method, target, body) => {
      const { pathname, searchParams } = new URL(target, 'http://shop');
      const get = method === 'GET' || method === 'HEAD';
      if (get && pathname === '/shop/products') {
        const asked = searchParams.get('q') ?? '';
        return { status: 200, body: products.filter(({ name }) => name.includes(asked)) };
      }
      if (get && pathname === '/shop/receipts/1') return { status: 200, body: receipt };
      const kept = reviews.get(Number(/^\/shop\/products\/(\d+)\/reviews$/.exec(pathname)?.[1]));
      if (kept === undefined) return undefined;
      if (get) return { status: 200, body: kept };
      if (method !== 'POST') return undefined;
      const review: Review = JSON.parse(body);
      kept.push(review);
      return { status: 201, body: review };
    },
  };
}

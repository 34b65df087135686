/** A store is away or did not answer in time; what was asked of it may or may not have been done. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

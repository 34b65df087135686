/** What becomes of a call whose inspection fails by a fault of ours. */
export type OnFailure = 'deny' | 'allow';

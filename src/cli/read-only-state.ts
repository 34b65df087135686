import type { StateStore } from '../core/state.ts';

/** A state that can be looked at and is not changed: what would be written is not, and says what it would have said. */
export function readOnlyState(state: StateStore): StateStore {
  return {
    ...state,
    values: {
      get: (key) => state.values.get(key),
      put: async () => {},
      claim: async (key) => (await state.values.get(key)) === undefined,
      remove: async (key) => (await state.values.get(key)) !== undefined,
    },
    table: (name) => {
      const table = state.table(name);
      return { ...table, put: async () => {}, remove: async (id) => (await table.get(id)) !== undefined };
    },
    log: (name) => ({ ...state.log(name), append: async () => {} }),
  };
}

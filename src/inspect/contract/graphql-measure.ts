import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql/language';

/** What a document asks of a server, its fragments put where they are spread. */
interface Measure {
  /** Fields within each other. */
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly directives: number;
  /** Asks for the schema itself: __schema or __type. */
  readonly introspects: boolean;
}

/** Operations with their measures, or a stable word for what is wrong with the document. */
type Measured = readonly { readonly operation: OperationDefinitionNode; readonly measure: Measure }[] | string;

const nothing: Measure = { depth: 0, fields: 0, aliases: 0, directives: 0, introspects: false };

const beside = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  fields: a.fields + b.fields,
  aliases: a.aliases + b.aliases,
  directives: a.directives + b.directives,
  introspects: a.introspects || b.introspects,
});

/** Stops where a fragment is spread within itself, or there is none of its name; caught by measureDocument. */
class Unsound extends Error {}

interface Fragments {
  readonly known: ReadonlyMap<string, FragmentDefinitionNode>;
  /** Undefined: it is being measured right now. */
  readonly measured: Map<string, Measure | undefined>;
}

function spreadOf(name: string, fragments: Fragments): Measure {
  const fragment = fragments.known.get(name);
  if (fragment === undefined) throw new Unsound('fragment_unknown');
  if (!fragments.measured.has(name)) {
    fragments.measured.set(name, undefined);
    fragments.measured.set(name, measureSet(fragment.selectionSet, fragments, fragment.directives?.length ?? 0));
  }
  const measure = fragments.measured.get(name);
  if (measure === undefined) throw new Unsound('fragment_cycle');
  return measure;
}

function measureSet(set: SelectionSetNode, fragments: Fragments, directives = 0): Measure {
  let sum: Measure = { ...nothing, directives };
  for (const selection of set.selections) {
    const own = { ...nothing, directives: selection.directives?.length ?? 0 };
    switch (selection.kind) {
      case Kind.FIELD: {
        const inner = selection.selectionSet === undefined ? nothing : measureSet(selection.selectionSet, fragments);
        const field = {
          ...own,
          fields: 1,
          aliases: selection.alias === undefined ? 0 : 1,
          introspects: selection.name.value === '__schema' || selection.name.value === '__type',
        };
        sum = beside(sum, beside(field, { ...inner, depth: inner.depth + 1 }));
        break;
      }
      case Kind.INLINE_FRAGMENT:
        sum = beside(sum, beside(own, measureSet(selection.selectionSet, fragments)));
        break;
      case Kind.FRAGMENT_SPREAD:
        sum = beside(sum, beside(own, spreadOf(selection.name.value, fragments)));
        break;
      default:
        return selection satisfies never;
    }
  }
  return sum;
}

/** Measures the operations of a document. A fragment is measured once, however often it is spread. */
export function measureDocument(document: DocumentNode): Measured {
  const known = new Map<string, FragmentDefinitionNode>();
  const operations: OperationDefinitionNode[] = [];
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) operations.push(definition);
    else if (definition.kind !== Kind.FRAGMENT_DEFINITION) return 'graphql_definition';
    else if (known.has(definition.name.value)) return 'fragment_duplicate';
    else known.set(definition.name.value, definition);
  }
  const fragments: Fragments = { known, measured: new Map() };
  try {
    // Also those that no operation spreads: a server may look at them.
    for (const name of known.keys()) spreadOf(name, fragments);
    return operations.map((operation) => {
      const variables = (operation.variableDefinitions ?? []).flatMap(({ directives }) => directives ?? []).length;
      const own = (operation.directives?.length ?? 0) + variables;
      return { operation, measure: measureSet(operation.selectionSet, fragments, own) };
    });
  } catch (error) {
    if (error instanceof Unsound) return error.message;
    throw error;
  }
}

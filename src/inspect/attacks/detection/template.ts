const macro = /%\{([^}]*)\}/g;

/** A macro, in small letters. */
export interface Macro {
  /** All of it, like tx.1 or matched_var. */
  readonly name: string;
  /** What stands before its first dot. */
  readonly collection: string;
  /** What stands behind it; empty: nothing. */
  readonly member: string;
}

/** The value of a macro; undefined: it is not known. */
export type Resolve = (macro: Macro) => string | undefined;

function macroOf(name: string): Macro {
  const [collection = '', member = ''] = name.split(/\.(.*)/s);
  return { name, collection, member };
}

/** Compiles a template: its macros, `%{tx.1}` and the like, are filled; what is not known is empty. */
export function compileTemplate(template: string): (resolve: Resolve) => string {
  // Texts at even places, macros between them.
  const parts = template.split(macro).map((part, at) => (at % 2 === 0 ? part : macroOf(part.toLowerCase())));
  if (parts.length === 1) return () => template;
  return (resolve) => {
    let filled = '';
    for (const part of parts) filled += typeof part === 'string' ? part : (resolve(part) ?? '');
    return filled;
  };
}

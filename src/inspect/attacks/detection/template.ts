const macro = /%\{([^}]*)\}/g;

/** The value of a macro by its name in small letters; undefined: it is not known. */
export type Resolve = (name: string) => string | undefined;

/** Compiles a template: its macros, `%{tx.1}` and the like, are filled; what is not known is empty. */
export function compileTemplate(template: string): (resolve: Resolve) => string {
  // Texts at even places, names of macros between them.
  const parts = template.split(macro).map((part, at) => (at % 2 === 0 ? part : part.toLowerCase()));
  if (parts.length === 1) return () => template;
  return (resolve) => {
    let filled = '';
    for (const [at, part] of parts.entries()) filled += at % 2 === 0 ? part : (resolve(part) ?? '');
    return filled;
  };
}

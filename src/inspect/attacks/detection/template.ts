const macro = /%\{([^}]*)\}/g;

/** Fills the macros of a template, `%{tx.1}` and the like; what is not known is empty. */
export const fillTemplate = (template: string, resolve: (name: string) => string | undefined): string =>
  template.includes('%{') ? template.replace(macro, (_, name: string) => resolve(name.toLowerCase()) ?? '') : template;

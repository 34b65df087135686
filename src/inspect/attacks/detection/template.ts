const macro = /%\{([^}]*)\}/g;

/** Fills the macros of a template, `%{tx.1}` and the like; what is not known is empty. */
export const fillTemplate = (template: string, valueOf: (name: string) => string | undefined): string =>
  template.includes('%{') ? template.replace(macro, (_, name: string) => valueOf(name.toLowerCase()) ?? '') : template;

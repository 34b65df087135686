import { own } from '../../core/json.ts';
import { resolvePlain } from './scalar.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A scalar after substitution; unchanged: it named no variable. */
interface Substituted {
  readonly value: string | number | boolean | null;
  readonly changed: boolean;
  readonly problems: readonly string[];
}

/** Substitutes in the text of one string scalar; plain: it stands without quotes. */
export type Substitute = (text: string, plain: boolean) => Substituted;

// An escaped opening, then a reference, then an opening that is neither.
const references = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^${}]*))?\}|\$\{/g;

function resolve(env: Environment, name: string, fallback: string | undefined): string | undefined {
  const value = own(env, name);
  if (fallback !== undefined && (value === undefined || value === '')) return fallback;
  return value;
}

/**
 * Replaces `${NAME}` and `${NAME:-default}` from the environment; `$${` stands for a literal `${`.
 *
 * As in a shell, the default counts when the variable is unset or empty. A default holds no `$`, `{` or `}`. A scalar
 * in quotes stays a string; a plain one is read again by YAML's rules, so that `${PORT:-8080}` is a number. What a
 * variable brings is never parsed further, and messages name variables, never their values.
 */
export function substituteFrom(env: Environment): Substitute {
  return (text, plain) => {
    if (!text.includes('${')) return { value: text, changed: false, problems: [] };
    const problems: string[] = [];
    let replaced = false;
    const result = text.replace(references, (match, name: string | undefined, fallback: string | undefined) => {
      if (match === '$${') return '${';
      if (name === undefined) {
        problems.push(
          `has a "\${" that is no \${NAME} or \${NAME:-default}; write "$\${" for the two characters themselves`,
        );
        return '';
      }
      replaced = true;
      const value = resolve(env, name, fallback);
      if (value === undefined) {
        problems.push(`needs the environment variable ${name}, which is not set and has no default`);
      }
      return value ?? '';
    });
    return { value: plain && replaced ? resolvePlain(result) : result, changed: replaced, problems };
  };
}

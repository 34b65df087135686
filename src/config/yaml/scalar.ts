const nulls = /^(?:~|null|Null|NULL)$/;
const truths = /^(?:true|True|TRUE)$/;
const lies = /^(?:false|False|FALSE)$/;
const integer = /^[-+]?[0-9]+$/;
const prefixed = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * What a plain scalar means by the core schema of YAML 1.2 (section 10.3.2): null, a boolean, a number, else its text.
 *
 * An empty text stays a text, and so do `.inf` and `.nan`: no option takes them.
 */
export function resolvePlain(text: string): string | number | boolean | null {
  if (nulls.test(text)) return null;
  if (truths.test(text)) return true;
  if (lies.test(text)) return false;
  if (integer.test(text) || prefixed.test(text) || float.test(text)) return Number(text);
  return text;
}

/** Why a number cannot be taken as it is written; undefined when it can. */
export function numberProblem(value: number, source: string): string | undefined {
  if (!Number.isFinite(value)) return 'must be a finite number';
  if (/^[-+]?[0-9]+$|^0[ox]/.test(source) && !Number.isSafeInteger(value)) {
    return 'is a number that cannot be kept exactly; put it in quotes if it is a text';
  }
  return undefined;
}

const last =
  /(?:^|[^a-z])(?:secrets?|passwords?|passwd|passphrases?|tokens?|credentials?|authorization|auth|cookies?|assertions?|dpop)$/;
const keys =
  /(?:^|[^a-z])(?:api|private|access|secret|signing|encryption|shared|account|hmac)[_-]?keys?$|^x[_-].+[_-]keys?$/;

const snake = (name: string): string => name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

/** Whether an option or a header of this name holds a secret; a file that holds one, or a limit's key, is none. */
export function isSecretName(name: string): boolean {
  // Headers come in any case: DPoP is no two words.
  return [snake(name), name.toLowerCase()].some((plain) => last.test(plain) || keys.test(plain));
}

/** Whether a value at such a name had better not be repeated in a message: any doubt counts. */
export function isDoubtfulName(name: string): boolean {
  return isSecretName(name) || /secret|password|token|credential|authorization|cookie|keys?$|hash$/.test(snake(name));
}

const plainId = /^(?!.*(?:--|::|dec|date))[0-9a-f:.tz-]*$/i;

/**
 * Whether a text is a number, a date, an address or an id in hexadecimal digits, such as no query can be broken into with:
 * libinjection makes nothing but numbers, bare words, dots, colons and minus signs of it, which fold into the same, and none
 * of the fingerprints that it knows is of these alone. Two signs together begin a comment or a cast, and the keywords of
 * these letters are left to it.
 */
export const isPlainId = (text: string): boolean => plainId.test(text);

import { phrases } from './phrase.ts';

// A name of code, and somewhere behind it a line's number: what an English sentence after "at" does not have.
const frame = /^ ?[\w$<`/@[].{0,400}?(?::\d+(?:[:)]|$)|\(Native Method\)|\(Unknown Source\)|:line \d)/;

/** Stack traces as the common runtimes print them. */
export const stackTraces = phrases([
  { text: 'Traceback (most recent call last)' },
  { text: 'Exception in thread "' },
  { text: 'Caused by: ', followedBy: /^[a-z][\w$]*(?:\.[\w$]+)+/ },
  { text: '\tat ', followedBy: frame },
  { text: '\\tat ', followedBy: frame },
  { text: '  at ', followedBy: frame },
  { text: 'goroutine ', followedBy: /^\d+ \[[a-z]/ },
  { text: 'panicked at ' },
  { text: 'Fatal error: ', followedBy: / in \S+(?:\.php| on line \d)/ },
  { text: 'Stack trace:' },
  { text: '#0 /', followedBy: /^\S+\.php\(\d+\)/ },
  { text: '.rb:', followedBy: /^\d+:in [`']/ },
  { text: 'System.NullReferenceException' },
  { text: 'Unhandled exception', followedBy: /^[.:]? / },
]);

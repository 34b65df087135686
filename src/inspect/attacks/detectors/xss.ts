import { isDangerous } from './html-danger.ts';
import { type HtmlContext, type HtmlToken, htmlTokens } from './html-tokens.ts';

/** The value as a whole is an address that runs a program. Titles like "JavaScript: the language" have a space. */
const wholeAddress =
  /^[\s\0-\u0020"'`>;]*(?:j\s*a\s*v\s*a|v\s*b|l\s*i\s*v\s*e)\s*s\s*c\s*r\s*i\s*p\s*t\s*:\s{0,8}(?=\S*[(`=%\\&/[<'"]|\S+\.)/i;
/** What makes a style sheet more than one: programs, what it loads, and escapes that hide either. */
const runsInStyle =
  /script|expression|import|behaviou?r|binding|-o-link|[\\&]|\/\*|url\s*\((?!\s*["']?(?:https:|\/[^/]))/i;
/** What links have that a script takes care of. */
const nothingDone = /^\s*javascript:\s*(?:void\s*\(\s*0?\s*\))?\s*;?\s*$/i;
const wholeDocument = /^[\s"']*data:[^,\s]{0,64}(?:html|svg\+xml|xhtml|javascript)[^,]{0,64},/i;

function endsIn(context: HtmlContext, text: string): boolean {
  switch (context) {
    case 'data':
      return text.includes('<');
    case 'unquoted':
      return true;
    default:
      return text.includes(context);
  }
}

const contexts: readonly HtmlContext[] = ['data', 'unquoted', "'", '"', '`'];

/**
 * Whether a text, put into a page as text or as the value of an attribute, would run something: elements that run or load,
 * events, addresses with a program, styles and markup that reach a program. Judged as a browser reads it, in linear time. The
 * text is decoded already.
 */
export function isXss(text: string): boolean {
  if ((wholeAddress.test(text) && !nothingDone.test(text)) || wholeDocument.test(text)) return true;
  if (!/[<=]/.test(text)) return false;
  const styles = /<style/i.test(text) && runsInStyle.test(text.normalize('NFKC'));
  const runs = (token: HtmlToken): boolean => isDangerous(token, styles);
  if (contexts.some((context) => endsIn(context, text) && htmlTokens(text, context).some(runs))) return true;
  // What XML keeps together is apart for others: <scr<![CDATA[ipt]]>.
  return /<!\[cdata\[/i.test(text) && htmlTokens(text.replaceAll(/<!\[cdata\[|\]\]>/gi, ''), 'data').some(runs);
}

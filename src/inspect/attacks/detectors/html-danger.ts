import type { HtmlAttribute, HtmlToken } from './html-tokens.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Elements that run, load or rewrite what the page is, whatever their attributes say. */
const dangerousElements = words(`
  script iframe frameset style layer ilayer bgsound xml xss
  import isindex animate animatetransform animatemotion handler
  foreignobject xmp plaintext portal fencedframe keygen event-source xsl:template xsl:stylesheet vmlframe`);

/** Elements that do so by their attributes alone: without any they are words in brackets, as manuals write them. */
const attributedElements = words('frame object embed applet base basefont meta link noembed noframes');

/** Attributes whose value is an address that a browser may open, load or run. */
const addressAttributes = words(`
  href src action formaction data xlink:href poster background dynsrc lowsrc codebase code cite classid from to by values
  value url manifest profile longdesc usemap icon archive content folder folder srcset ping datasrc icon xml:base object
  implementation style`);

/** Attributes that hold markup or a program themselves. */
const programAttributes = words(
  'srcdoc datasrc dataformatas fscommand seeksegmenttime xmlns:xss folder allowscriptaccess',
);

/** The names of events: "on" and one of these at the beginning of the rest. */
const eventName =
  /^on(?:abort|activate|after|animation|auxclick|before|begin|blur|bounce|cached|cancel|canplay|cellchange|change|checking|click|close|command|complete|content|context|control|copy|cuechange|cut|data|dblclick|deactivate|devicem|deviceo|drag|drop|duration|emptied|end|error|filter|finish|focus|form|fullscreen|gamepad|gesture|got|hash|help|input|invalid|key|lang|layout|load|locationchange|lose|lost|media|message|mouse|move|moz|navigate|nomatch|offline|online|open|orientation|outofsync|page|paint|paste|pause|play|pointer|pop|progress|promise|propertychange|radio|rate|ready|recordingstop|rejectionhandled|repeat|request|reset|resize|result|resume|reverse|row|scroll|search|security|seek|select|show|slotchange|snap|sound|speech|stalled|start|stop|storage|submit|suspend|svg|sync|time|toggle|touch|track|transition|unhandled|unload|update|upgrade|uservalid|user|valuechange|visibility|voices|volume|waiting|web|wheel|zoom)[a-z]*$/;

const entities: ReadonlyMap<string, string> = new Map([
  ['colon', ':'],
  ['lpar', '('],
  ['rpar', ')'],
  ['tab', '\t'],
  ['newline', '\n'],
  ['nbsp', ' '],
  ['quot', '"'],
  ['apos', "'"],
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['sol', '/'],
  ['comma', ','],
  ['period', '.'],
  ['grave', '`'],
  ['diacriticalgrave', '`'],
  ['lsqb', '['],
  ['lbrack', '['],
]);

const character = (code: number): string => (code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : '');

/** A text with its character references read, as an attribute's value is. */
function withoutReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#x0*([0-9a-f]{1,6})|#0*([0-9]{1,7})|([a-z]{2,16}));?/gi, (whole, hex, decimal, name) => {
    if (hex !== undefined) return character(Number.parseInt(hex, 16));
    if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
    return entities.get(String(name).toLowerCase()) ?? whole;
  });
}

/** A value as a browser reads an address: references read, what it skips left out. */
const address = (value: string): string =>
  withoutReferences(value)
    .replace(/[\p{Cc}\p{Cf}\p{Z}]+/gu, '')
    .replace(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/gi, (_whole, two, four) =>
      character(Number.parseInt(two ?? four, 16)),
    )
    .toLowerCase();

const runningScheme =
  /^(?:\W{0,3})(?:(?:java|vb|live|j)script|mocha|jar|feed:javascript|view-source:javascript):|^data:(?:[^,]{0,64}(?:html|svg|xml|javascript|ecmascript)|,|;)/;
const runningStyle =
  /expression\(|javascript:|vbscript:|behaviou?r:|-moz-binding|@import|-o-link|url\(['"]?data:(?:text|image\/svg|application)/;

/** Whether a value of an attribute that is no event runs something. */
function runs(name: string, raw: string): boolean {
  const value = address(raw);
  if (name === 'style')
    return runningStyle.test(value.replace(/\/\*.*?\*\/|\\(?=[a-z])/g, '')) || /\\0*(?:6|7)[0-9a-f]/.test(value);
  if (!addressAttributes.has(name)) return false;
  if (runningScheme.test(value)) return !/^data:image\/(?!svg)|^javascript:(?:void\(0?\))?;?$/.test(value);
  return name === 'content' && /url=\W?(?:javascript|data|vbscript):/.test(value);
}

/** Whether an attribute runs something. tagless: no tag is seen around it, so its value has to look like a program. */
function isDangerousAttribute({ name, value }: HtmlAttribute, tagless: boolean): boolean {
  const known = name.replace(/^[^a-z]+/, '');
  if (known.startsWith('on') && known.length > 3) {
    // How components are written is no program for a browser: onClick={save}, onChange={(event) => …}, which ends at the blank.
    if (value === undefined || /^\s*(?:\{\(?\{?[\w.,:]*\}?\)?=?\}?)?$/.test(value)) return false;
    if (!tagless) return eventName.test(known) || looksLikeProgram(value);
    return eventName.test(known) && looksLikeProgram(value);
  }
  if (value === undefined) return false;
  if (programAttributes.has(known)) return !tagless || looksLikeProgram(value) || value.includes('<');
  return runs(known, value);
}

/** A call, an assignment or a reference to what a page has. */
function looksLikeProgram(value: string): boolean {
  return /[(`=]|&#|\\[xu]|\b(?:alert|prompt|confirm|eval|location|document|window|javascript)\b|^\d+$/i.test(
    withoutReferences(value),
  );
}

const running = /^\s*(?:\[if\b|#(?:exec|include|echo|printenv|config|set)\b|import\b)/i;
const declares = /^\s*(?:entity|attlist|element|notation|doctype[^>]{0,256}(?:\[|system|public\s))/i;
const instructs = /^\s*(?:import\b|xml-stylesheet|xml:namespace)/i;
/** The document types of HTML 4 and XHTML, which load nothing. */
const plainDocument =
  /^\s*doctype\s+html\s+public\s+["']-\/\/w3c\/\/dtd x?html [^"'[]*["']\s*(?:["']https?:\/\/www\.w3\.org\/[^"']*["']\s*)?$/i;

/** Players and maps that editors put into a page. */
const knownFrame =
  /^(?:https:)?\/\/(?:(?:www\.)?youtube(?:-nocookie)?\.com\/embed\/|player\.vimeo\.com\/video\/|open\.spotify\.com\/embed\/|w\.soundcloud\.com\/player\/|(?:www|maps)\.google\.com\/maps\/embed|www\.openstreetmap\.org\/export\/embed)/;

function isKnownFrame(attributes: readonly HtmlAttribute[]): boolean {
  const sources = attributes.filter(({ name }) => name === 'src');
  return (
    sources.length > 0 &&
    sources.every(({ value = '' }) => knownFrame.test(address(value))) &&
    !attributes.some(({ name }) => programAttributes.has(name))
  );
}

/** Whether a tag or markup runs something in a browser. styles: so does a style sheet, for what stands in it. */
export function isDangerous(token: HtmlToken, styles: boolean): boolean {
  if (token.kind === 'markup') {
    const { mark, text } = token;
    if (mark === '<!--') return running.test(text) || /^\s*(?:xml\b|entity\b)/i.test(text);
    return mark === '<!' ? declares.test(text) && !plainDocument.test(text) : instructs.test(text);
  }
  const { name, closes, attributes } = token;
  // "<script/xss", "<svg<x", "<x:script": what follows the name for one browser is part of it for another.
  const element = /^[a-z][a-z0-9-]*(?::[a-z]+)?/.exec(name)?.[0] ?? '';
  const local = element.slice(element.indexOf(':') + 1);
  if (dangerousElements.has(element) || dangerousElements.has(local) || name.startsWith('script')) {
    const plain = (element === 'iframe' && isKnownFrame(attributes)) || (element === 'style' && !styles);
    if (!plain) return !closes || local === 'script';
  }
  if (attributes.length > 0 && !closes && (attributedElements.has(element) || attributedElements.has(local)))
    return true;
  return attributes.some((attribute) => isDangerousAttribute(attribute, name === ''));
}

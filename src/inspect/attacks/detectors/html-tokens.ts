/** One attribute of a tag; the value is undecoded and without quotes, undefined where there is none. */
export interface HtmlAttribute {
  /** In lower case, without NUL. */
  readonly name: string;
  readonly value: string | undefined;
}

/** What a browser finds in a text. */
export type HtmlToken =
  | {
      readonly kind: 'tag';
      readonly name: string;
      readonly attributes: readonly HtmlAttribute[];
      readonly closes: boolean;
    }
  /** A comment, a declaration or a processing instruction, without its marks. */
  | { readonly kind: 'markup'; readonly mark: '<!--' | '<!' | '<?'; readonly text: string };

/** Where in a document a value may be put. */
export type HtmlContext = 'data' | 'unquoted' | "'" | '"' | '`';

interface Cursor {
  readonly text: string;
  at: number;
}

const mostNear = 4;

const nameEnd = /[\s/>]/g;
const attributeEnd = /[\s/>=]/g;
const valueEnd = /[\s>]/g;
const filler = /[\s/]+/y;
const blank = /\s*/y;

const bare = (text: string): string => text.replaceAll('\0', '').toLowerCase();

/** What stands up to the first character of the class, which is left to be read. */
function upTo(cursor: Cursor, end: RegExp, from = cursor.at): string {
  end.lastIndex = from;
  const found = end.exec(cursor.text);
  const text = cursor.text.slice(cursor.at, found?.index);
  cursor.at = found?.index ?? cursor.text.length;
  return text;
}

function skip(cursor: Cursor, pattern: RegExp): void {
  pattern.lastIndex = cursor.at;
  cursor.at += pattern.exec(cursor.text)?.[0].length ?? 0;
}

/** What stands up to the mark, which is skipped; all that is left without it. */
function past(cursor: Cursor, mark: string): string {
  const end = cursor.text.indexOf(mark, cursor.at);
  const text = cursor.text.slice(cursor.at, end < 0 ? undefined : end);
  cursor.at = end < 0 ? cursor.text.length : end + mark.length;
  return text;
}

function readValue(cursor: Cursor): string {
  const quote = cursor.text[cursor.at] ?? '';
  if (quote !== "'" && quote !== '"' && quote !== '`') return upTo(cursor, valueEnd);
  cursor.at += 1;
  return past(cursor, quote);
}

/** Attributes up to the end of the tag, which is skipped. */
function readAttributes(cursor: Cursor): readonly HtmlAttribute[] {
  const attributes: HtmlAttribute[] = [];
  while (cursor.at < cursor.text.length) {
    skip(cursor, filler);
    if (cursor.text[cursor.at] === '>') {
      cursor.at += 1;
      break;
    }
    // The first character belongs to the name, whatever it is.
    const name = upTo(cursor, attributeEnd, cursor.at + 1);
    skip(cursor, blank);
    const assigned = cursor.text[cursor.at] === '=';
    if (assigned) {
      cursor.at += 1;
      skip(cursor, blank);
    }
    const value = assigned ? readValue(cursor) : undefined;
    if (name !== '') attributes.push({ name: bare(name), value });
  }
  return attributes;
}

function readMarkup(cursor: Cursor): HtmlToken | undefined {
  const { text, at } = cursor;
  if (text.startsWith('<!--', at)) {
    cursor.at += 4;
    return { kind: 'markup', mark: '<!--', text: past(cursor, '-->') };
  }
  const mark = text.startsWith('<!', at) ? '<!' : text.startsWith('<?', at) ? '<?' : undefined;
  if (mark === undefined) return undefined;
  cursor.at += 2;
  return { kind: 'markup', mark, text: past(cursor, '>') };
}

const tagStart = /<(\/?)(?=[\0]*[a-z\u0080-\uffff])/iy;

function readTag(cursor: Cursor): HtmlToken | undefined {
  tagStart.lastIndex = cursor.at;
  const start = tagStart.exec(cursor.text);
  if (start === null) return undefined;
  cursor.at += start[0].length;
  const name = bare(upTo(cursor, nameEnd));
  return { kind: 'tag', name, closes: start[1] === '/', attributes: readAttributes(cursor) };
}

/** How deep a tag is looked for within a value or a comment: what is text for one parser is a tag for another. */
const innerDepth = 2;

function innerTexts(token: HtmlToken): readonly string[] {
  if (token.kind === 'markup') return [token.text];
  return token.attributes.flatMap(({ value }) => (value?.includes('<') ? [value] : []));
}

/** "<b <script>": the name of an attribute, if the outer tag was none. */
function innerNames(token: HtmlToken): readonly HtmlToken[] {
  if (token.kind === 'markup') return [];
  return token.attributes.flatMap(({ name }) => {
    const open = name.lastIndexOf('<');
    return open < 0 ? [] : [{ kind: 'tag', name: name.slice(open + 1), closes: false, attributes: [] }];
  });
}

function readData(text: string, depth: number): readonly HtmlToken[] {
  const tokens: HtmlToken[] = [];
  const cursor: Cursor = { text, at: 0 };
  for (let open = text.indexOf('<'); open >= 0; open = text.indexOf('<', cursor.at)) {
    cursor.at = open;
    const token = readMarkup(cursor) ?? readTag(cursor);
    if (token === undefined) {
      cursor.at = open + 1;
      continue;
    }
    tokens.push(token);
    // One by one: there may be more of them than a call takes arguments.
    for (const inner of innerNames(token)) tokens.push(inner);
    if (depth === innerDepth) continue;
    for (const inner of innerTexts(token)) for (const found of readData(inner, depth + 1)) tokens.push(found);
  }
  return tokens;
}

/**
 * The tags and markup that a text becomes in a context, in linear time; in an attribute's value, the attributes that follow
 * are a tag without a name.
 */
export function htmlTokens(text: string, context: HtmlContext): readonly HtmlToken[] {
  if (context === 'data') return readData(text, 0);
  const cursor: Cursor = { text, at: 0 };
  if (context === 'unquoted') upTo(cursor, valueEnd);
  else past(cursor, context);
  const attributes = readAttributes(cursor);
  // A program text is full of words and equal signs: only what stands near an unquoted value is taken for an attribute.
  const near = context === 'unquoted' ? attributes.slice(0, mostNear) : attributes;
  return [{ kind: 'tag', name: '', closes: false, attributes: near }];
}

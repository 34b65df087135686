import { SaxesParser, type SaxesTagNS, type XMLDecl } from 'saxes';
import { below, type Collector, collect, excessive, malformed } from './collector.ts';
import type { ContentLimits, ReadFormat, Unreadable } from './content.ts';
import { decodeUtf8 } from './decode.ts';

const xinclude = 'http://www.w3.org/2001/XInclude';

/** Stops the parser from within its events; caught here and nowhere else. */
class Stop extends Error {
  readonly unreadable: Unreadable;

  constructor(unreadable: Unreadable) {
    super(unreadable.problem);
    this.unreadable = unreadable;
  }
}

/** An element that is open: its own text is what it holds besides other elements, joined, so that no mark-up can split a word. */
interface OpenElement {
  readonly pointer: string;
  text: string;
}

function take(added: boolean, pointer: string): void {
  if (!added) throw new Stop(excessive('too_many_fields', pointer));
}

function openElement(tag: SaxesTagNS, open: OpenElement[], into: Collector, { maxDepth }: ContentLimits): void {
  const parent = open.at(-1)?.pointer ?? '';
  if (open.length >= maxDepth) throw new Stop(excessive('depth', parent));
  if (tag.uri === xinclude) throw new Stop(malformed('xinclude', parent));
  const pointer = below(parent, tag.name);
  take(into.add('token', pointer, tag.name), pointer);
  for (const { name, value } of Object.values(tag.attributes)) {
    if (value === xinclude) throw new Stop(malformed('xinclude', pointer));
    const place = below(pointer, `@${name}`);
    take(into.add('token', place, name) && into.add('value', place, value), place);
  }
  open.push({ pointer, text: '' });
}

function closeElement(open: OpenElement[], into: Collector): void {
  const element = open.pop();
  if (element !== undefined && /\S/.test(element.text))
    take(into.add('value', element.pointer, element.text), element.pointer);
}

function checkDeclaration({ version, encoding }: XMLDecl): void {
  if (version !== '1.0') throw new Stop(malformed('version'));
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') throw new Stop(malformed('encoding'));
}

function parse(text: string, limits: ContentLimits, into: Collector): void {
  const parser = new SaxesParser({ xmlns: true, position: false, fragment: false });
  const open: OpenElement[] = [];
  const append = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('error', () => {
    throw new Stop(malformed('syntax', open.at(-1)?.pointer));
  });
  parser.on('doctype', () => {
    throw new Stop(malformed('doctype'));
  });
  parser.on('processinginstruction', () => {
    throw new Stop(malformed('processing_instruction'));
  });
  parser.on('xmldecl', checkDeclaration);
  parser.on('opentag', (tag) => openElement(tag, open, into, limits));
  parser.on('closetag', () => closeElement(open, into));
  parser.on('text', append);
  parser.on('cdata', append);
  parser.write(text).close();
}

/**
 * XML 1.0 in UTF-8, well formed with its namespaces, and without everything that reaches beyond it: no document type and so
 * no entities of its own, no processing instruction, no XInclude.
 */
export const readXml: ReadFormat = (bytes, limits) => {
  const text = decodeUtf8(bytes);
  if (text === undefined) return malformed('utf8');
  const into = collect(limits);
  try {
    parse(text, limits, into);
  } catch (error) {
    if (error instanceof Stop) return error.unreadable;
    throw error;
  }
  return { ok: true, content: { format: 'xml', value: undefined, fields: into.fields } };
};

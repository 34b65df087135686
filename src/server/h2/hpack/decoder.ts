import { openDynamicTable } from './dynamic-table.ts';
import { type Field, fieldOf } from './field.ts';
import { decodeHuffman } from './huffman.ts';
import { broken, type Cursor, readInteger } from './integer.ts';
import { staticTable } from './static-table.ts';

/** Reads the header blocks of one connection, in their order (RFC 7541). */
interface HeaderDecoder {
  /** Gives each field of a block. Throws a ConnectionError where it cannot be read: nobody can know the rest. */
  decode(block: Buffer, onField: (field: Field) => void): void;
}

/** Opens a decoder whose dynamic table has at most this size, as our settings say. */
export function openHeaderDecoder(tableSize: number): HeaderDecoder {
  const table = openDynamicTable(tableSize);

  const fieldAt = (index: number): Field => {
    const field = index <= staticTable.length ? staticTable[index - 1] : table.at(index - staticTable.length - 1);
    if (field === undefined) throw broken('a header block names a field that is in no table');
    return field;
  };
  const literal = (cursor: Cursor, first: number, prefixBits: number): Field => {
    const index = readInteger(cursor, first, prefixBits);
    const name = index === 0 ? readString(cursor) : fieldAt(index).name;
    return fieldOf(name, readString(cursor));
  };
  return {
    decode: (block, onField) => {
      const cursor: Cursor = { bytes: block, at: 0, end: block.length };
      let begun = false;
      while (cursor.at < cursor.end) {
        const first = block[cursor.at] ?? 0;
        cursor.at += 1;
        if (first >= 0x80) {
          onField(fieldAt(readInteger(cursor, first, 7)));
        } else if (first >= 0x40) {
          const field = literal(cursor, first, 6);
          table.add(field);
          onField(field);
        } else if (first >= 0x20) {
          // Changes come before the first field (RFC 7541 section 4.2).
          const size = readInteger(cursor, first, 5);
          if (begun || size > tableSize) throw broken('a header block resizes the table where or as it must not');
          table.resize(size);
          continue;
        } else {
          onField(literal(cursor, first, 4));
        }
        begun = true;
      }
    },
  };
}

function readString(cursor: Cursor): string {
  if (cursor.at >= cursor.end) throw broken('a header block ends before a string');
  const first = cursor.bytes[cursor.at] ?? 0;
  cursor.at += 1;
  const length = readInteger(cursor, first, 7);
  const from = cursor.at;
  const to = from + length;
  if (to > cursor.end) throw broken('a header block ends inside of a string');
  cursor.at = to;
  return first >= 0x80 ? decodeHuffman(cursor.bytes, from, to) : cursor.bytes.toString('latin1', from, to);
}

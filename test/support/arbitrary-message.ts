import { type DescField, type DescMessage, ScalarType } from '@bufbuild/protobuf';
import fc, { type Arbitrary } from 'fast-check';

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const key = fc.string({ unit: fc.constantFrom(...'abc-'), maxLength: 4 });
const int32 = fc.integer();

// Generated code keeps moments in a Date: from 1970 on, to the millisecond.
const moment = fc
  .record({ seconds: fc.nat(), ms: fc.nat(999) })
  .map(({ seconds, ms }) => ({ seconds: String(seconds), nanos: ms * 1_000_000 }));

/** Values of a scalar, in the form that @grpc/proto-loader takes. Only types that our protos use. */
function scalar(type: ScalarType): Arbitrary<unknown> {
  switch (type) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BYTES:
      return fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
    case ScalarType.BOOL:
      return fc.boolean();
    case ScalarType.INT32:
      return int32;
    case ScalarType.UINT32:
      return fc.nat(0xffff_ffff);
    case ScalarType.INT64:
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
    case ScalarType.UINT64:
      return fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    case ScalarType.DOUBLE:
      return int32;
    default:
      throw new TypeError(`no values for ${ScalarType[type]}`);
  }
}

/** One value of a field, an element of it for a list or a map. */
function single(field: DescField, depth: number): Arbitrary<unknown> {
  if (field.message !== undefined) return arbitraryMessage(field.message, depth - 1);
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map(({ name }) => name));
  return scalar(field.scalar ?? ScalarType.STRING);
}

function whole(field: DescField, depth: number): Arbitrary<unknown> {
  const value = single(field, depth);
  if (field.fieldKind === 'list') return fc.array(value, { maxLength: 3 });
  if (field.fieldKind !== 'map') return value;
  return fc.uniqueArray(fc.record({ key, value }), { selector: (entry) => entry.key, maxLength: 3 });
}

/**
 * Messages of a type in the form that @grpc/proto-loader takes (field names as in the proto, a map as its entries), at most
 * depth deep: fields present or not, one member of a oneof or none.
 */
export function arbitraryMessage(desc: DescMessage, depth = 5): Arbitrary<object> {
  if (desc.typeName === 'google.protobuf.Timestamp') return moment;
  const fits = ({ message }: DescField): boolean => message === undefined || depth > 0;
  const own = desc.fields.filter((field) => field.oneof === undefined && fits(field));
  const fields = fc.record(Object.fromEntries(own.map((field) => [field.name, whole(field, depth)])), {
    requiredKeys: [],
    noNullPrototype: true,
  });
  const choices = desc.oneofs.map((oneof) => {
    const members = oneof.fields.filter(fits);
    const chosen = members.map((field) => whole(field, depth).map((value) => ({ [field.name]: value })));
    // A google.protobuf.Value without a kind is no value at all.
    return fc.oneof(...chosen, ...(desc.typeName === 'google.protobuf.Value' ? [] : [fc.constant({})]));
  });
  return fc.tuple(fields, ...choices).map((parts) => Object.assign({}, ...parts));
}

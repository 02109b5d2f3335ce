import { ALL_LINKS, FIELD_VALUE, SUCCESS, VALUE_TYPES } from '../../nvml/abi.ts';

/** The fields of one `nvmlDeviceGetFieldValues`; the buffer is used again and again. */
export class FieldValues {
  readonly #buffer: Buffer;

  /** @param fields `NVML_FI_*`; @param perLink those of them that are summed up over all NVLinks. */
  constructor(fields: readonly number[], perLink: readonly number[] = []) {
    this.#buffer = Buffer.alloc(fields.length * FIELD_VALUE.size);
    fields.forEach((field, i) => {
      const at = i * FIELD_VALUE.size;
      this.#buffer.writeUInt32LE(field, at + FIELD_VALUE.fieldId);
      this.#buffer.writeUInt32LE(perLink.includes(field) ? ALL_LINKS : 0, at + FIELD_VALUE.scopeId);
    });
  }

  /** Question and answer; where the call succeeds, single fields may still be missing. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  /** The status of the field at this place in the list. */
  status(index: number): number {
    return this.#buffer.readInt32LE(index * FIELD_VALUE.size + FIELD_VALUE.nvmlReturn);
  }

  /** Its value, NaN where the driver has none. */
  value(index: number): number {
    if (this.status(index) !== SUCCESS) return Number.NaN;
    const at = index * FIELD_VALUE.size;
    return numberAt(
      this.#buffer,
      at + FIELD_VALUE.value,
      this.#buffer.readInt32LE(at + FIELD_VALUE.valueType),
    );
  }
}

/** An `nvmlValue_t` as a number: whole numbers beyond 2^53 lose their last digits. */
function numberAt(buffer: Buffer, at: number, type: number): number {
  switch (type) {
    case VALUE_TYPES.double:
      return buffer.readDoubleLE(at);
    case VALUE_TYPES.uint:
      return buffer.readUInt32LE(at);
    case VALUE_TYPES.ulong:
    case VALUE_TYPES.ulonglong:
      return uint64At(buffer, at);
    case VALUE_TYPES.slonglong:
      return buffer.readInt32LE(at + 4) * 2 ** 32 + buffer.readUInt32LE(at);
    case VALUE_TYPES.sint:
      return buffer.readInt32LE(at);
    case VALUE_TYPES.ushort:
      return buffer.readUInt16LE(at);
    default:
      return Number.NaN;
  }
}

/** Without a BigInt on the way: nothing is allocated. */
export function uint64At(buffer: Buffer, at: number): number {
  return buffer.readUInt32LE(at + 4) * 2 ** 32 + buffer.readUInt32LE(at);
}

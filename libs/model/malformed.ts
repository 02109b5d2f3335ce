/** What is wrong with a frame's bytes: few enough to be a label of a counter. */
export type MalformedReason =
  | 'oversized'
  | 'truncated'
  | 'bad varint'
  | 'bad tag'
  | 'bad version'
  | 'bad name'
  | 'bad boot'
  | 'bad sequence'
  | 'bad time'
  | 'bad digest'
  | 'bad entity'
  | 'bad values'
  | 'bad flow'
  | 'bad group'
  | 'bad run'
  | 'too many';

/**
 * The bytes are not a frame. The same bytes will never be one: dead-letter them.
 * It has the shape of the product's other errors, and stands alone because this folder imports nothing.
 */
export class MalformedFrameError extends Error {
  static readonly code = 'DAVYLAMP_MALFORMED_FRAME';
  readonly code = MalformedFrameError.code;
  readonly retryable = false;
  override readonly name = 'MalformedFrameError';
  readonly reason: MalformedReason;

  constructor(reason: MalformedReason, detail: string, options?: ErrorOptions) {
    super(`${reason}: ${detail}`, options);
    this.reason = reason;
  }
}

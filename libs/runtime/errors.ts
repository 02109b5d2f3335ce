/** Every error the product raises on purpose. Programmer errors are `assert` and built-in errors. */
export abstract class DavylampError extends Error {
  abstract readonly code: string;
  /** The same call may succeed later, with nothing changed by us. */
  abstract readonly retryable: boolean;
  override get name(): string {
    return this.constructor.name;
  }
}

/** The configuration cannot be used; the message lists every problem. */
export class ConfigError extends DavylampError {
  static readonly code = 'DAVYLAMP_CONFIG';
  readonly code = ConfigError.code;
  readonly retryable = false;
}

/** Another process listens where this one was to. */
export class AddressTakenError extends DavylampError {
  static readonly code = 'DAVYLAMP_ADDRESS_TAKEN';
  readonly code = AddressTakenError.code;
  readonly retryable = true;
}

/** The broker, or the log file, did not take or give messages. */
export class BusUnavailableError extends DavylampError {
  static readonly code = 'DAVYLAMP_BUS_UNAVAILABLE';
  readonly code = BusUnavailableError.code;
  readonly retryable = true;
}

/** A message is larger than the bus accepts. */
export class MessageTooLargeError extends DavylampError {
  static readonly code = 'DAVYLAMP_MESSAGE_TOO_LARGE';
  readonly code = MessageTooLargeError.code;
  readonly retryable = false;
}

/** The series store did not answer, or answered that it cannot now. */
export class StoreUnavailableError extends DavylampError {
  static readonly code = 'DAVYLAMP_STORE_UNAVAILABLE';
  readonly code = StoreUnavailableError.code;
  readonly retryable = true;
}

/** The series store refuses the request as such: credentials, database, query. */
export class StoreRefusedError extends DavylampError {
  static readonly code = 'DAVYLAMP_STORE_REFUSED';
  readonly code = StoreRefusedError.code;
  readonly retryable = false;
}

/** The ledger's database did not answer. */
export class LedgerUnavailableError extends DavylampError {
  static readonly code = 'DAVYLAMP_LEDGER_UNAVAILABLE';
  readonly code = LedgerUnavailableError.code;
  readonly retryable = true;
}

/** The ledger's database cannot hold what it was given: a character, a length or a number beyond its types. */
export class LedgerRefusedError extends DavylampError {
  static readonly code = 'DAVYLAMP_LEDGER_REFUSED';
  readonly code = LedgerRefusedError.code;
  readonly retryable = false;
}

/** Something with this identity exists already, with other content. */
export class ConflictError extends DavylampError {
  static readonly code = 'DAVYLAMP_CONFLICT';
  readonly code = ConflictError.code;
  readonly retryable = false;
}

/** Nothing has this identity. */
export class NotFoundError extends DavylampError {
  static readonly code = 'DAVYLAMP_NOT_FOUND';
  readonly code = NotFoundError.code;
  readonly retryable = false;
}

/** The job store did not answer. */
export class JobsUnavailableError extends DavylampError {
  static readonly code = 'DAVYLAMP_JOBS_UNAVAILABLE';
  readonly code = JobsUnavailableError.code;
  readonly retryable = true;
}

/** The gateway refused a batch of frames: credential, size or form. */
export class GatewayRefusedError extends DavylampError {
  static readonly code = 'DAVYLAMP_GATEWAY_REFUSED';
  readonly code = GatewayRefusedError.code;
  readonly retryable = false;
}

/** A receiver of notices did not acknowledge. */
export class DeliveryError extends DavylampError {
  static readonly code = 'DAVYLAMP_DELIVERY';
  readonly code = DeliveryError.code;
  readonly retryable = true;
}

/** A source of measurements does not exist on this machine, or may not be read. */
export class SourceAbsentError extends DavylampError {
  static readonly code = 'DAVYLAMP_SOURCE_ABSENT';
  readonly code = SourceAbsentError.code;
  readonly retryable = true;
}

/** A backup cannot be used: damaged, or written by a newer program. */
export class ArchiveError extends DavylampError {
  static readonly code = 'DAVYLAMP_ARCHIVE';
  readonly code = ArchiveError.code;
  readonly retryable = false;
}

/** A file of values holds none that can be read. */
export class UnreadableFileError extends DavylampError {
  static readonly code = 'DAVYLAMP_UNREADABLE_FILE';
  readonly code = UnreadableFileError.code;
  readonly retryable = false;
}

import { join } from 'node:path';
import { DavylampError } from '#libs/runtime/errors.ts';

/** A real server that the tests and benchmarks talk to. */
export interface Server {
  readonly name: string;
  /** The one port that clients use, on 127.0.0.1. */
  readonly port: number;
  /** What a person runs when its program is missing. */
  readonly install: string;
  readonly stopSignal: NodeJS.Signals;
  /**
   * Writes its configuration under `home` and formats its data unless that was done before.
   * Throws `ProgramMissingError` when a program it needs is missing.
   */
  prepare(home: string): Promise<Launch>;
  /** Whether it serves requests now; never throws. */
  isReady(): Promise<boolean>;
  /** What tests read to find it; the first variable is its address. */
  env(): Record<string, string>;
}

/** The command that becomes the daemon: it must not fork away. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
}

/** Why a server cannot run on this machine; the message says what to do about it where that is known. */
export class ServerUnavailableError extends DavylampError {
  static readonly code = 'DAVYLAMP_SERVER_UNAVAILABLE';
  readonly code = ServerUnavailableError.code;
  readonly retryable = false;
}

/** A program that a server needs is not installed. */
export class ProgramMissingError extends DavylampError {
  static readonly code = 'DAVYLAMP_PROGRAM_MISSING';
  readonly code = ProgramMissingError.code;
  readonly retryable = false;
}

export const repositoryRoot = join(import.meta.dirname, '..', '..');
/** Data, logs and process ids of the servers; ignored by git. */
export const serversRoot = join(repositoryRoot, '.servers');

export const homeOf = (name: string): string => join(serversRoot, name);

/** First port of the block of 1,000 in which every server has its fixed place. */
const portBase = Number(process.env.DAVYLAMP_SERVERS_PORT_BASE ?? 21_000);

/** `offset` is what tells the servers apart: the last three digits of the usual port. */
export const portAt = (offset: number): number => portBase + offset;

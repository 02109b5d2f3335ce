import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** What the server answers instead of taking something: once for each entry, then it behaves again. */
export interface Answers {
  readonly sender: (Error | null)[];
  readonly recipient: Map<string, Error[]>;
  readonly data: (Error | 'cut' | null)[];
}

export interface Arrived {
  readonly to: readonly string[];
  readonly secure: boolean;
  readonly user: string | undefined;
  readonly mail: ParsedMail;
}

/** A reply of SMTP that refuses. */
export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A mail server on loopback that keeps what arrives, parsed. It knows the user `lamp` with the password `p@ss/word`. */
export class MailServer {
  readonly arrived: Arrived[] = [];
  readonly answers: Answers = { sender: [], recipient: new Map(), data: [] };
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();

  constructor(options: SMTPServerOptions = {}) {
    this.#server = new SMTPServer({
      authOptional: true,
      disabledCommands: options.key ? [] : ['STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      closeTimeout: 100,
      onAuth: ({ username, password }, _session, callback) => {
        if (username === 'lamp' && password === 'p@ss/word') callback(null, { user: username });
        else callback(refusal(535, 'Error: Authentication failed'));
      },
      onMailFrom: (_address, _session, callback) => callback(this.answers.sender.shift() ?? null),
      onRcptTo: ({ address }, _session, callback) =>
        callback(this.answers.recipient.get(address)?.shift() ?? null),
      onData: (stream, session, callback) => {
        void this.#take(stream, session).then((answer) => {
          if (answer === 'cut') for (const socket of this.#sockets) socket.destroy();
          else callback(answer);
        });
      },
      ...options,
    });
    this.#server.server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // A client that ends a connection early is what some tests are about.
    this.#server.on('error', () => undefined);
  }

  async open(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server.server, 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.server.address() as AddressInfo).port;
  }

  /** Keeps the mail even where the connection is cut: that is what happens to a lost acknowledgement. */
  async #take(
    stream: Parameters<NonNullable<SMTPServerOptions['onData']>>[0],
    session: Parameters<NonNullable<SMTPServerOptions['onData']>>[1],
  ): Promise<Error | 'cut' | null> {
    const mail = await simpleParser(stream);
    const answer = this.answers.data.shift() ?? null;
    if (answer instanceof Error) return answer;
    const { envelope, secure, user } = session;
    this.arrived.push({
      to: envelope.rcptTo.map(({ address }) => address),
      secure,
      user: user as string | undefined,
      mail,
    });
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** `pass`: as if it were not there. `stall`: takes what comes, answers nothing. `reset`: ends every connection. */
type ProxyMode = 'pass' | 'stall' | 'reset';

/** Stands before a TCP server and lets its clients see it slow or gone. */
export interface FlakyProxy {
  readonly port: number;
  mode: ProxyMode;
  /** Connections of clients open now. */
  readonly connections: number;
  /** Connections of clients ever taken. */
  readonly taken: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startFlakyProxy(target: { host: string; port: number }): Promise<FlakyProxy> {
  const clients = new Set<Socket>();
  let mode: ProxyMode = 'pass';
  let taken = 0;
  const server = createServer((client) => {
    taken++;
    clients.add(client);
    client.on('close', () => clients.delete(client)).on('error', () => client.destroy());
    if (mode === 'reset') return void client.resetAndDestroy();
    const upstream = connect(target);
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => upstream.destroy());
    client.on('data', (data) => mode === 'pass' && upstream.write(data));
    upstream.on('data', (data) => mode === 'pass' && client.write(data));
    return undefined;
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (next === 'reset') for (const client of clients) client.resetAndDestroy();
    },
    get connections() {
      return clients.size;
    },
    get taken() {
      return taken;
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

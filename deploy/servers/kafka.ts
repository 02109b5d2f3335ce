import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { underLock } from './lock.ts';
import { exchange, requireProgram } from './probe.ts';
import { type Launch, portAt, type Server, serversRoot } from './server.ts';

const run = promisify(execFile);

interface KafkaOptions {
  name: string;
  version: string;
  port: number;
  variable: string;
}

/** A broker in KRaft mode that is its own controller, on the port after the clients' one. */
export class Kafka implements Server {
  readonly name: string;
  readonly port: number;
  readonly install = 'apt-get install openjdk-17-jre-headless maven';
  readonly stopSignal = 'SIGTERM';
  readonly version: string;
  readonly #variable: string;

  constructor(options: KafkaOptions) {
    this.name = options.name;
    this.port = options.port;
    this.version = options.version;
    this.#variable = options.variable;
  }

  async prepare(home: string): Promise<Launch> {
    const java = await requireProgram('java');
    await this.#downloadJars();
    const config = join(home, 'server.properties');
    await writeFile(config, this.#properties(home));
    if (!(await exists(join(home, 'data', 'meta.properties')))) {
      const format = ['format', '--cluster-id', 'ZGF2eWxhbXB0ZXN0czAwMQ', '--config', config];
      await run(java, ['-cp', this.#classPath, 'kafka.tools.StorageTool', ...format]);
    }
    const heap = process.env.DAVYLAMP_SERVERS_KAFKA_HEAP ?? '512m';
    const options = [`-Xms${heap}`, `-Xmx${heap}`, '-XX:+ExitOnOutOfMemoryError', '-Djava.awt.headless=true'];
    return { command: java, args: [...options, ...this.#java('kafka.Kafka', [config])] };
  }

  /** Answers ApiVersions (key 18, version 0): the broker's first word to any client. */
  async isReady(): Promise<boolean> {
    const request = Buffer.from('0000000a00120000000000010000', 'hex');
    const answer = await exchange(this.port, request);
    return answer !== undefined && answer.length > 8 && answer.readInt16BE(8) === 0;
  }

  env(): Record<string, string> {
    return { [this.#variable]: `127.0.0.1:${this.port}` };
  }

  /**
   * The command line of one of Kafka's own tools, e.g. `org.apache.kafka.tools.ProducerPerformance`.
   * The jars must be there: start the server once before.
   */
  tool(mainClass: string, args: readonly string[]): Launch {
    return { command: 'java', args: ['-Xmx512m', ...this.#java(mainClass, args)] };
  }

  get #jars(): string {
    return join(serversRoot, 'lib', `kafka-${this.version}`);
  }

  get #classPath(): string {
    return join(this.#jars, '*');
  }

  #java(mainClass: string, args: readonly string[]): string[] {
    return ['-cp', this.#classPath, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', mainClass, ...args];
  }

  /** Moved into place when complete, so that a broken download is tried again. */
  async #downloadJars(): Promise<void> {
    if (await exists(this.#jars)) return;
    const maven = await requireProgram('mvn');
    await underLock(join(serversRoot, 'maven.lock'), async () => {
      if (await exists(this.#jars)) return;
      const partial = `${this.#jars}.partial`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      const pom = join(import.meta.dirname, 'kafka.pom.xml');
      const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${partial}`];
      await run(maven, ['-q', '-B', '-ntp', '-f', pom, `-Dkafka.version=${this.version}`, ...goal]);
      await rename(partial, this.#jars);
    });
  }

  #properties(home: string): string {
    const controller = `127.0.0.1:${this.port + 1}`;
    return Object.entries({
      'process.roles': 'broker,controller',
      'node.id': 1,
      'controller.quorum.voters': `1@${controller}`,
      listeners: `PLAINTEXT://127.0.0.1:${this.port},CONTROLLER://${controller}`,
      'advertised.listeners': `PLAINTEXT://127.0.0.1:${this.port}`,
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': join(home, 'data'),
      'num.partitions': 4,
      'offsets.topic.replication.factor': 1,
      'offsets.topic.num.partitions': 4,
      'transaction.state.log.replication.factor': 1,
      'transaction.state.log.min.isr': 1,
      'transaction.state.log.num.partitions': 4,
      'share.coordinator.state.topic.replication.factor': 1,
      'share.coordinator.state.topic.min.isr': 1,
      'group.initial.rebalance.delay.ms': 0,
      // A test that fences or ends a member should not wait for the usual ten seconds and more.
      'group.min.session.timeout.ms': 1000,
      // A killed broker is let in again only when its former session has ended: 9 s by default.
      'broker.session.timeout.ms': 4000,
      'broker.heartbeat.interval.ms': 500,
    })
      .map(([key, value]) => `${key}=${value}\n`)
      .join('');
  }
}

export const kafka = new Kafka({
  name: 'kafka',
  version: '4.3.1',
  port: portAt(92),
  variable: 'DAVYLAMP_TEST_KAFKA',
});

export const kafka39 = new Kafka({
  name: 'kafka39',
  version: '3.9.2',
  port: portAt(192),
  variable: 'DAVYLAMP_TEST_KAFKA_39',
});

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import type { Bus } from '#libs/bus/port.ts';
import type { AlertRow } from '#libs/ledger/alert-port.ts';
import type { Ledger } from '#libs/ledger/port.ts';
import type { Surroundings } from '#libs/runtime/app.ts';
import type { Series } from '#libs/series/port.ts';
import { AlertWatch } from './alert-watch.ts';
import { Board } from './board.ts';
import { DeadLetters } from './dead-letters.ts';
import { Fleet, isTheirs } from './fleet.ts';
import { fillBoard } from './history.ts';
import { Live } from './live.ts';
import { OpenFindings } from './open-findings.ts';
import { Tail } from './tail.ts';

export interface ConsolePorts {
  readonly bus: Bus;
  readonly ledger: Ledger;
  readonly series: Series;
}

export interface DeskSettings {
  /** Between looks at the register of nodes, in milliseconds. */
  readonly registerMs: number;
  /** Between looks at the alerts. */
  readonly alertsMs: number;
}

const DEAD_LETTERS_SHOWN = 100;

/** Everything that the routes answer from: the ports, and what is kept in memory beside them. */
export class Desk {
  readonly ledger: Ledger;
  readonly series: Series;
  readonly fleet: Fleet;
  readonly board = new Board();
  readonly findings = new OpenFindings();
  readonly deadLetters: DeadLetters;
  readonly live: Live;
  readonly alerts: AlertWatch;
  readonly tail: Tail;
  /** Wall clock, Unix ms. */
  readonly now: () => number;

  constructor({ bus, ledger, series }: ConsolePorts, settings: DeskSettings, surroundings: Surroundings) {
    this.ledger = ledger;
    this.series = series;
    this.now = Date.now;
    this.fleet = new Fleet(ledger, settings.registerMs, surroundings);
    this.deadLetters = new DeadLetters(bus, DEAD_LETTERS_SHOWN);
    this.live = new Live({
      hears: (person, { node, windowEndMs }) => {
        const record = this.fleet.nodes.get(node);
        return record !== undefined && this.fleet.seesWindow(person, record, windowEndMs);
      },
    });
    this.alerts = new AlertWatch(ledger.alerts, settings.alertsMs, (row) => this.tell(row), surroundings);
    const { board, findings, live } = this;
    this.tail = new Tail(
      bus,
      {
        verdict: (verdict) => {
          if (board.take(verdict, 'bus')) live.verdict(verdict);
        },
        tick: (timeMs) => board.tick(timeMs),
        finding: (finding) => findings.take(finding),
      },
      surroundings,
    );
  }

  /** The present in event time; before anything was heard, the wall clock's. */
  get clockMs(): number {
    return this.board.clockMs || this.now();
  }

  async start(): Promise<void> {
    const beginnings = await this.tail.beginnings();
    await this.fleet.start();
    await fillBoard(this.board, this.ledger.assessments, [...this.fleet.nodes.keys()]);
    for (const finding of await this.ledger.alerts.findings({ status: 'open' })) this.findings.take(finding);
    await this.alerts.start();
    await this.tail.start(beginnings);
    this.live.start();
  }

  async stop(): Promise<void> {
    this.live.stop();
    await this.tail.stop();
    await this.alerts.stop();
    await this.fleet.stop();
  }

  /** Tells those who listen and may see it that an alert has changed. */
  tell(alert: Pick<AlertRow, 'id' | 'tenant'>): void {
    this.live.alert(alert.id, (person) => isTheirs(person, alert));
  }
}

import type { LiveVerdict } from '../api/contract/fleet.ts';
import { Store } from './store.ts';

export type LiveState = 'connecting' | 'connected' | 'reconnecting';

const RETRY_MS = 5_000;

/**
 * What the server tells as it happens. One connection for all pages.
 *
 *   connecting → connected → reconnecting (the browser tries again by itself; a refusal is tried again after 5 s)
 *   reconnecting → connected: `again` is called, because something may have been missed
 */
class Live {
  readonly state = new Store<LiveState>('connecting');
  readonly #verdicts = new Set<(verdicts: readonly LiveVerdict[]) => void>();
  readonly #alerts = new Set<(id: string | null) => void>();
  #source: EventSource | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): void {
    if (this.#source) return;
    const source = new EventSource('/api/live');
    this.#source = source;
    source.addEventListener('open', () => {
      const again = this.state.value === 'reconnecting';
      this.state.set('connected');
      if (again) for (const told of this.#alerts) told(null);
    });
    source.addEventListener('verdicts', (event) => {
      const verdicts = JSON.parse(event.data) as readonly LiveVerdict[];
      for (const told of this.#verdicts) told(verdicts);
    });
    source.addEventListener('alert', (event) => {
      for (const told of this.#alerts) told(event.data);
    });
    source.addEventListener('error', () => this.#failed(source));
  }

  #failed(source: EventSource): void {
    if (this.#source !== source) return;
    this.state.set('reconnecting');
    if (source.readyState !== EventSource.CLOSED) return;
    this.#source = null;
    this.#timer = setTimeout(() => this.start(), RETRY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
    this.state.set('connecting');
  }

  onVerdicts(told: (verdicts: readonly LiveVerdict[]) => void): () => void {
    this.#verdicts.add(told);
    return () => this.#verdicts.delete(told);
  }

  /** Called with an alert's id, or with null when any may have changed. */
  onAlert(told: (id: string | null) => void): () => void {
    this.#alerts.add(told);
    return () => this.#alerts.delete(told);
  }
}

export const live = new Live();

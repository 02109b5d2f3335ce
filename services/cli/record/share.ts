/** How much of the machine a command had while its rows were labelled. */
export class Share {
  readonly #cores: number;
  #from: { readonly cpuSeconds: number; readonly atSeconds: number } | undefined;
  #ratio: number | undefined;

  constructor(cores: number) {
    this.#cores = cores;
  }

  /** 0 to 1 of all cores; undefined before the end, and where the command had ended by itself. */
  get ratio(): number | undefined {
    return this.#ratio;
  }

  /** A labelled row: the first is what is measured from. */
  begin(cpuSeconds: () => number, atSeconds: number): void {
    this.#from ??= { cpuSeconds: cpuSeconds(), atSeconds };
  }

  /** The labelled rows are over: the first call counts. */
  end(cpuSeconds: () => number, atSeconds: number): void {
    if (this.#from === undefined || this.#ratio !== undefined || atSeconds <= this.#from.atSeconds) return;
    const used = cpuSeconds() - this.#from.cpuSeconds;
    const ratio = used / (this.#cores * (atSeconds - this.#from.atSeconds));
    this.#ratio = Math.round(1_000 * Math.min(1, Math.max(0, ratio))) / 1_000;
  }
}

import { gaugeOrdinal } from '#libs/model/catalogue.ts';
import { SourceAbsentError } from '#libs/runtime/errors.ts';
import { entriesOf } from '../folders.ts';
import { KernelFile } from '../kernel-file.ts';
import type { Collector, CollectorSpec, Roots } from './collector.ts';

const FREQUENCY = gaugeOrdinal('host', 'cpu_frequency_hertz');
/** A mean of this many cores stands for all: machines have hundreds, each behind a file of its own. */
const CORES_READ = 32;

export const frequency: CollectorSpec = { name: 'frequency', pace: 'frame', open: openFrequency };

function openFrequency({ sysRoot }: Roots): Collector {
  const policies = entriesOf(`${sysRoot}/devices/system/cpu/cpufreq`).filter((path) =>
    /policy\d+$/.test(path),
  );
  if (policies.length === 0) throw new SourceAbsentError(`${sysRoot}: expected frequency policies (cpufreq)`);
  const stride = Math.ceil(policies.length / CORES_READ);
  const files = policies
    .filter((_, index) => index % stride === 0)
    .map((path) => new KernelFile(`${path}/scaling_cur_freq`));
  return {
    sample: ({ host }) => host.gauge(FREQUENCY, meanHertz(files.map((file) => file.readNumber()))),
    close() {
      for (const file of files) file.close();
    },
  };
}

/** Mean of frequencies in kHz, in Hz. */
export function meanHertz(kiloHertz: readonly number[]): number {
  return (kiloHertz.reduce((sum, each) => sum + each, 0) / kiloHertz.length) * 1000;
}

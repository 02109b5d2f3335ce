import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { counterOrdinal, gaugeOrdinal } from '#libs/model/catalogue.ts';
import type { EntityRow } from '#libs/model/frame.ts';
import { createCounters } from '#libs/runtime/counters.ts';
import { createLogger } from '#libs/runtime/logger.ts';
import { examineSources } from '#services/agent/app.ts';
import { NvmlCollector } from '#services/agent/collect/gpu/nvml.ts';
import { findSmi } from '#services/agent/collect/gpu/smi.ts';
import { parseSmiLine, SMI_QUERY, type SmiReading } from '#services/agent/collect/gpu/smi-line.ts';
import { Gathering } from '#services/agent/gathering.ts';

const SOURCES = { nvmlLibrary: 'libnvidia-ml.so.1', nvidiaSmi: 'nvidia-smi' };
const SAMPLES = 10;
/** Gauges that hold still, or that two readings a second apart agree on within so much (relative, absolute). */
const AGREEMENT: Readonly<Record<string, readonly [relative: number, absolute: number]>> = {
  gpu_power_limit_watts: [0, 0.01],
  gpu_power_limit_default_watts: [0, 0.01],
  gpu_sm_clock_maximum_hertz: [1e-6, 0],
  gpu_memory_clock_maximum_hertz: [1e-6, 0],
  gpu_pcie_link_width: [0, 0],
  gpu_memory_used_bytes: [0.02, 64 * 2 ** 20],
  gpu_temperature_celsius: [0, 4],
};

const examination = await examineSources(SOURCES);

/** Ten seconds of the real GPUs as an agent reads them, with nvidia-smi's own words from the middle of it. */
async function tenSeconds() {
  const counters = createCounters();
  const around = { counters, log: createLogger('agent', 'silent') };
  const nvml = new NvmlCollector(SOURCES.nvmlLibrary, { procRoot: '/proc', sysRoot: '/sys' }, around);
  const gathering = new Gathering();
  const first: EntityRow[] = [];
  let said: readonly SmiReading[] = [];
  nvml.report(gathering, 0);
  for (let i = 0; i <= SAMPLES; i++) {
    nvml.sample(gathering, i);
    gathering.sampled();
    if (i === 0) first.push(...gathering.take().entities);
    if (i === SAMPLES / 2) said = askSmi();
    await sleep(1_000);
  }
  nvml.report(gathering, SAMPLES);
  const rows = gathering.take().entities;
  nvml.close();
  return { first, rows, said, seconds: counters.value('agent_nvml_seconds_total') };
}

function askSmi(): readonly SmiReading[] {
  const path = findSmi(SOURCES.nvidiaSmi);
  if (path === null) return [];
  const arguments_ = [`--query-gpu=${SMI_QUERY}`, '--format=csv,noheader,nounits'];
  const lines = execFileSync(path, arguments_, { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => parseSmiLine(line) ?? []);
}

const gauge = (row: EntityRow | undefined, name: string) =>
  row?.gauges[gaugeOrdinal('gpu', name)] ?? Number.NaN;
const energy = (row: EntityRow | undefined) =>
  row?.counters[counterOrdinal('gpu', 'gpu_energy_joules_total')] ?? Number.NaN;

describe('NVML of a real driver', () => {
  if (examination.source !== 'nvml') {
    test.skip(`no GPU: ${examination.detail}`, () => undefined);
    return;
  }

  test('agrees with nvidia-smi, and energy with power', { timeout: 60_000 }, async () => {
    const { first, rows, said, seconds } = await tenSeconds();
    process.stdout.write(
      `${examination.detail}; absent: ${examination.absent.join(', ') || 'nothing'}; ` +
        `${((seconds / (SAMPLES + 1) / examination.gpus) * 1e3).toFixed(2)} ms of driver a GPU and sample\n`,
    );
    expect(said).toHaveLength(examination.gpus);
    for (const { index, uuid, gauges } of said) {
      const row = rows.find(({ id }) => id === uuid);
      expect(row?.index, uuid).toBe(index);
      const told = new Map(gauges);
      for (const [name, [relative, absolute]] of Object.entries(AGREEMENT)) {
        const theirs = told.get(gaugeOrdinal('gpu', name)) ?? Number.NaN;
        if (Number.isNaN(theirs)) continue;
        const apart = Math.abs(gauge(row, name) - theirs);
        expect(apart, `${name} of ${uuid}: ${gauge(row, name)}, ${theirs}`).toBeLessThanOrEqual(
          relative * theirs + absolute,
        );
      }
      const joules = energy(row) - energy(first.find(({ id }) => id === uuid));
      if (Number.isNaN(joules)) continue;
      // Sensors average over different times: a fifth, and one second of what the GPU may draw.
      const expected = gauge(row, 'gpu_power_watts') * SAMPLES;
      expect(Math.abs(joules - expected), `${joules} J, ${expected} J by power`).toBeLessThanOrEqual(
        0.2 * expected + gauge(row, 'gpu_power_watts_max'),
      );
    }
  });

  test('says nothing implausible', { timeout: 60_000 }, async () => {
    const { rows } = await tenSeconds();
    for (const row of rows.filter(({ kind }) => kind === 'gpu')) {
      for (const name of ['gpu_utilization_ratio', 'gpu_sm_active_ratio', 'gpu_tensor_active_ratio']) {
        const value = gauge(row, name);
        expect(Number.isNaN(value) || (value >= 0 && value <= 1), `${name} of ${row.id}: ${value}`).toBe(
          true,
        );
      }
      expect(gauge(row, 'gpu_power_watts')).toBeGreaterThan(1);
    }
  });
});

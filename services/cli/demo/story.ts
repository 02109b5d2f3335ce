import type { Behaviour } from '#libs/model/behaviour.ts';
import type { Bound } from '#libs/model/declaration.ts';
import { SIMULATED_SITE } from '#libs/model/simulated.ts';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { beside, onGpus } from '#libs/traces/simulate/mixture.ts';
import type { Workload } from '#libs/traces/simulate/workload.ts';
import { cpuPow } from '#libs/traces/simulate/workloads/cpu-pow.ts';
import { hashPowComputeBound, hashPowMemoryHard } from '#libs/traces/simulate/workloads/hash-pow.ts';
import { hpc } from '#libs/traces/simulate/workloads/hpc.ts';
import { idle, parkedModel } from '#libs/traces/simulate/workloads/idle.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { matmulPow } from '#libs/traces/simulate/workloads/matmul-pow.ts';
import { notebook } from '#libs/traces/simulate/workloads/notebook.ts';
import { office } from '#libs/traces/simulate/workloads/office.ts';
import { render } from '#libs/traces/simulate/workloads/render.ts';
import { storage } from '#libs/traces/simulate/workloads/storage.ts';
import {
  trainingDataParallel,
  trainingGradientAccumulation,
  trainingOffload,
  trainingPowerSmoothed,
} from '#libs/traces/simulate/workloads/training.ts';
import { validator } from '#libs/traces/simulate/workloads/validator.ts';
import { atHours, dutyCycled, throttled, withDecoyTraffic } from '#libs/traces/simulate/wrappers.ts';

/** Nodes of one tenant, or of nobody, that are alike. */
export interface Tenancy {
  readonly site: string;
  /** Null: nobody is known to be behind these nodes, and nothing is declared. */
  readonly tenant: string | null;
  readonly prefix: string;
  /** Of 200. */
  readonly nodes: number;
  readonly hardware: Hardware;
  readonly declared: {
    readonly behaviours: readonly Behaviour[];
    readonly envelope: readonly Bound[];
  } | null;
  /** Whether an outlet of its own meters each node. */
  readonly metered: boolean;
  /** What the nodes do, in turn. */
  readonly usual: readonly Workload[];
  /** What some of them do instead, the first ones first. */
  readonly plots: readonly Plot[];
}

/** What a node does that its neighbours do not. Minutes are of event time since the demo's beginning. */
export interface Plot {
  /** Instead of the usual work, from this minute on. */
  readonly work?: { readonly workload: Workload; readonly fromMinute: number };
  /** Its agent says nothing, and the machine runs on or is off. */
  readonly silent?: {
    readonly fromMinute: number;
    readonly toMinute: number;
    readonly machine: 'on' | 'off';
  };
  /** Another machine that does this speaks under its name. */
  readonly twin?: { readonly workload: Workload; readonly fromMinute: number };
}

const site = (name: string): string => `${SIMULATED_SITE}${name}`;
const max = (metric: string, value: number): Bound => ({ metric, min: null, max: value });
const min = (metric: string, value: number): Bound => ({ metric, min: value, max: null });
const from = (fromMinute: number, workload: Workload): Plot => ({ work: { workload, fromMinute } });

const NEVER = Number.POSITIVE_INFINITY;

/**
 * The demo's fleet: nine of ten nodes do what is declared.
 *
 * The first rules see the reserve that hashes, inference that is matmul proof-of-work, the office's CPUs at night,
 * the node that falls silent under load, the machine with two bodies, and two strangers unlike their neighbours.
 * They cannot see a GPU that hashes amid training, matmul proof-of-work throttled to its envelope, a minute in ten
 * on a reserve, and a validator declared as storage: each stays within what is declared.
 * @param utcOffsetHours of the sites: the story begins at their 19:57
 */
export function tenancies(utcOffsetHours: number): readonly Tenancy[] {
  return [...fjord(), ...park(utcOffsetHours), ...campus()];
}

function fjord(): readonly Tenancy[] {
  const hall = { site: site('fjord'), metered: true };
  return [
    {
      ...hall,
      tenant: 'borealis-ai',
      prefix: 'bor',
      nodes: 24,
      hardware: HARDWARE.h100x8,
      declared: {
        behaviours: ['B1'],
        envelope: [
          min('gpu_nvlink_transmit_bytes_per_second', 2e9),
          max('gpu_dram_active_ratio', 0.55),
          max('cpu_utilization_ratio', 0.5),
        ],
      },
      usual: [trainingDataParallel, trainingGradientAccumulation],
      plots: [from(0, onGpus(hashPowComputeBound, 1, trainingDataParallel))],
    },
    {
      ...hall,
      tenant: 'kelp-models',
      prefix: 'kelp',
      nodes: 16,
      hardware: HARDWARE.a100x8,
      declared: {
        behaviours: ['B1'],
        envelope: [
          min('gpu_nvlink_transmit_bytes_per_second', 1e9),
          max('gpu_dram_active_ratio', 0.55),
          max('cpu_utilization_ratio', 0.6),
        ],
      },
      usual: [trainingPowerSmoothed, trainingOffload],
      plots: [],
    },
    {
      ...hall,
      tenant: 'fjord-reserve',
      prefix: 'res',
      nodes: 16,
      hardware: HARDWARE.a100x8,
      declared: {
        behaviours: ['B0'],
        envelope: [max('gpu_utilization_ratio', 0.05), max('gpu_power_watts', 120)],
      },
      usual: [idle, parkedModel],
      plots: [
        from(0, onGpus(hashPowMemoryHard, 1, idle)),
        from(2, onGpus(hashPowComputeBound, 1, idle)),
        from(0, dutyCycled(onGpus(hashPowComputeBound, 1, idle), 60, 600)),
      ],
    },
  ];
}

function park(utcOffsetHours: number): readonly Tenancy[] {
  const serving = inferenceOnRequest({ utcOffsetHours });
  return [
    {
      site: site('park'),
      metered: true,
      tenant: 'lumen-serve',
      prefix: 'lumen',
      nodes: 32,
      hardware: HARDWARE.l40sx4,
      declared: {
        behaviours: ['B2'],
        envelope: [max('gpu_power_watts', 260), max('gpu_tensor_active_ratio', 0.35)],
      },
      usual: [serving],
      plots: [
        from(0, matmulPow),
        from(1, withDecoyTraffic(matmulPow)),
        from(0, throttled(matmulPow, 0.35)),
        {
          ...from(0, matmulPow),
          silent: { fromMinute: 3, toMinute: NEVER, machine: 'on' },
        },
        { twin: { workload: parkedModel, fromMinute: 4 } },
      ],
    },
    {
      site: site('park'),
      metered: true,
      tenant: 'pixelworks',
      prefix: 'pix',
      nodes: 16,
      hardware: HARDWARE.rtx4090x2,
      declared: {
        behaviours: ['B3'],
        envelope: [max('gpu_power_watts', 430), max('cpu_utilization_ratio', 0.4)],
      },
      usual: [render],
      plots: [],
    },
    {
      site: site('park'),
      metered: false,
      tenant: 'harbour-office',
      prefix: 'pc',
      nodes: 40,
      hardware: HARDWARE.office,
      declared: {
        behaviours: ['B0'],
        envelope: [max('cpu_utilization_ratio', 0.5), max('network_transmit_bytes_per_second', 2e6)],
      },
      usual: [office(utcOffsetHours)],
      plots: Array.from({ length: 4 }, () =>
        from(0, beside(office(utcOffsetHours), atHours(cpuPow, 20, 7, utcOffsetHours))),
      ),
    },
  ];
}

function campus(): readonly Tenancy[] {
  const common = { site: site('campus'), metered: true };
  return [
    {
      ...common,
      tenant: 'uni-hpc',
      prefix: 'hpc',
      nodes: 24,
      hardware: HARDWARE.v100x4,
      declared: {
        behaviours: ['B3'],
        envelope: [max('gpu_power_watts', 295), max('cpu_utilization_ratio', 0.8)],
      },
      usual: [hpc],
      plots: Array.from({ length: MAINTAINED }, () => ({
        silent: { fromMinute: 2, toMinute: 40, machine: 'off' as const },
      })),
    },
    {
      ...common,
      tenant: 'uni-notebooks',
      prefix: 'lab',
      nodes: 16,
      hardware: HARDWARE.rtx4090,
      declared: null,
      usual: [notebook],
      plots: [from(45, hashPowMemoryHard)],
    },
    {
      ...common,
      tenant: 'cellar-storage',
      prefix: 'cel',
      nodes: 8,
      hardware: HARDWARE.server,
      declared: { behaviours: ['B9'], envelope: [max('cpu_utilization_ratio', 0.5)] },
      usual: [storage],
      plots: [from(0, validator), from(0, validator)],
    },
    {
      ...common,
      tenant: null,
      prefix: 'unknown',
      nodes: 8,
      hardware: HARDWARE.rtx4090,
      declared: null,
      usual: [notebook],
      plots: [from(0, hashPowMemoryHard), from(0, hashPowComputeBound)],
    },
  ];
}

/** Nodes of the campus that are switched off for planned work. */
const MAINTAINED = 3;

/** A GPU as its data sheet describes it. Power figures without another source: DOMAIN 6.1 and the makers' data sheets. */
export interface GpuModel {
  readonly name: string;
  readonly limitWatts: number;
  /** Without any process on it. */
  readonly idleWatts: number;
  readonly memoryBytes: number;
  readonly idleClockHertz: number;
  readonly clockHertz: number;
  readonly memoryClockHertz: number;
  /** Bytes per second one way; 0: there is no NVLink. */
  readonly nvlink: number;
  readonly pcie: number;
  /** Whether counters tell floating point from integers in the tensor cores: Hopper and later (DOMAIN 6.3). */
  readonly splitPipes: boolean;
}

export interface HostModel {
  readonly cores: number;
  readonly cpuIdleWatts: number;
  readonly cpuLimitWatts: number;
  /** Fans, disks, memory and board; drawn always. */
  readonly boardWatts: number;
  readonly memoryBytes: number;
  readonly clockHertz: number;
  /** Whether the agent can read the power of the whole node in band. */
  readonly powerSensor: boolean;
}

/**
 * What can be read of a machine: L1 power of node and CPU, L2 also utilisation, memory, clocks and temperatures of
 * GPUs (`nvidia-smi`), L3 also tensor, DRAM, PCIe and NVLink activity (DCGM).
 */
export const LEVELS = ['L1', 'L2', 'L3'] as const;
export type Level = (typeof LEVELS)[number];

export interface Hardware {
  /** As peers share it in the register, e.g. `8x H100`. */
  readonly name: string;
  readonly host: HostModel;
  readonly gpu: GpuModel | null;
  readonly gpus: number;
  readonly level: Level;
}

/** Idle and limit: the dataset h100-idle-model-loaded (120 W with a context) less the context's share, and its limit. */
const H100: GpuModel = {
  name: 'H100',
  limitWatts: 700,
  idleWatts: 71,
  memoryBytes: 85.5e9,
  idleClockHertz: 345e6,
  clockHertz: 1.98e9,
  memoryClockHertz: 2.619e9,
  nvlink: 450e9,
  pcie: 64e9,
  splitPipes: true,
};
const A100: GpuModel = {
  name: 'A100',
  limitWatts: 400,
  idleWatts: 52,
  memoryBytes: 85.9e9,
  idleClockHertz: 210e6,
  clockHertz: 1.41e9,
  memoryClockHertz: 1.593e9,
  nvlink: 300e9,
  pcie: 32e9,
  splitPipes: false,
};
/** DOMAIN 6.1: about 300 W under matmul proof-of-work, 55 W with a process that waits. */
const V100: GpuModel = {
  name: 'V100',
  limitWatts: 300,
  idleWatts: 36,
  memoryBytes: 34.1e9,
  idleClockHertz: 135e6,
  clockHertz: 1.53e9,
  memoryClockHertz: 0.877e9,
  nvlink: 150e9,
  pcie: 16e9,
  splitPipes: false,
};
const L40S: GpuModel = {
  name: 'L40S',
  limitWatts: 350,
  idleWatts: 35,
  memoryBytes: 48.3e9,
  idleClockHertz: 210e6,
  clockHertz: 2.52e9,
  memoryClockHertz: 9.0e9,
  nvlink: 0,
  pcie: 32e9,
  splitPipes: false,
};
const RTX4090: GpuModel = {
  name: 'RTX 4090',
  limitWatts: 450,
  idleWatts: 20,
  memoryBytes: 25.8e9,
  idleClockHertz: 210e6,
  clockHertz: 2.52e9,
  memoryClockHertz: 10.5e9,
  nvlink: 0,
  pcie: 32e9,
  splitPipes: false,
};

/** Starting values for a server of two sockets. Its board with 8x H100 gives the whole-node watts of h100-bmc-t11. */
const TRAINING_HOST: HostModel = {
  cores: 112,
  cpuIdleWatts: 160,
  cpuLimitWatts: 700,
  boardWatts: 1_300,
  memoryBytes: 2.1e12,
  clockHertz: 2.6e9,
  powerSensor: true,
};
const SERVER_HOST: HostModel = {
  cores: 64,
  cpuIdleWatts: 90,
  cpuLimitWatts: 400,
  boardWatts: 180,
  memoryBytes: 5.1e11,
  clockHertz: 2.8e9,
  powerSensor: true,
};
const WORKSTATION_HOST: HostModel = {
  cores: 16,
  cpuIdleWatts: 18,
  cpuLimitWatts: 170,
  boardWatts: 45,
  memoryBytes: 1.37e11,
  clockHertz: 4.2e9,
  powerSensor: false,
};
/** Idle against full CPU as in the browser-miner datasets (3.6 W and 17.7 W there), scaled to a desktop's 65 W. */
const OFFICE_HOST: HostModel = {
  cores: 8,
  cpuIdleWatts: 9,
  cpuLimitWatts: 65,
  boardWatts: 22,
  memoryBytes: 1.7e10,
  clockHertz: 3.6e9,
  powerSensor: false,
};

const withGpus = (gpus: number, gpu: GpuModel, host: HostModel, level: Level): Hardware => ({
  name: `${gpus}x ${gpu.name}`,
  host,
  gpu,
  gpus,
  level,
});

export const HARDWARE = {
  h100x8: withGpus(8, H100, TRAINING_HOST, 'L3'),
  a100x8: withGpus(8, A100, TRAINING_HOST, 'L3'),
  v100x4: withGpus(4, V100, SERVER_HOST, 'L3'),
  l40sx4: withGpus(4, L40S, SERVER_HOST, 'L3'),
  rtx4090x2: withGpus(2, RTX4090, WORKSTATION_HOST, 'L2'),
  rtx4090: withGpus(1, RTX4090, WORKSTATION_HOST, 'L2'),
  server: { name: 'two-socket server', host: SERVER_HOST, gpu: null, gpus: 0, level: 'L2' },
  office: { name: 'office PC', host: OFFICE_HOST, gpu: null, gpus: 0, level: 'L2' },
} as const satisfies Readonly<Record<string, Hardware>>;

/**
 * The metric catalogue: the one table of every metric. Fields of frames, series, features and the API
 * are generated from it or typed by it; nobody writes a metric's name twice.
 *
 * The tables are append-only. A metric's place gives its permanent ordinals on the wire, so a row may be
 * added at the end and never moved, renamed or removed. `test/golden/catalogue` holds the ordinals.
 */

/** What a row of values describes. A node has one host and any number of GPUs. */
export const ENTITY_KINDS = ['host', 'gpu'] as const;
export type EntityKind = (typeof ENTITY_KINDS)[number];

export type MetricKind = 'gauge' | 'counter' | 'ratio';

export interface Metric {
  /** Prometheus style: base unit in the name, `_total` on counters. */
  readonly name: string;
  readonly kind: MetricKind;
  /** UCUM unit, as in the OpenTelemetry conventions: `1`, `W`, `By`, `By/s`, `J`, `Cel`, `Hz`, `s`, `{item}`. */
  readonly unit: string;
  /** Its shape matters: a frame carries mean, standard deviation (of the population), min and max of the 1 Hz samples. */
  readonly texture: boolean;
  /** Kept for every node under the `adaptive` resolution; at most eight a kind of entity. */
  readonly core: boolean;
  /** Part of the windows that detectors gather; without, it is reported and stored for people alone. */
  readonly windowed: boolean;
  /** OpenTelemetry semantic convention it maps to, where there is one. */
  readonly otel: string | null;
  /** Where it is read: a file of /proc or /sys, an NVML call, a DCGM field. */
  readonly source: string;
  /** Values outside are absurd: made absent and counted as a faulty sensor. Both ends included. */
  readonly plausible: readonly [min: number, max: number];
}

const RATIO = [0, 1] as const;
const RATE = [0, 1e13] as const;
const COUNT = [0, 1e9] as const;
const TOTAL = [0, Number.MAX_SAFE_INTEGER] as const;
const NODE_POWER = [0, 50_000] as const;
const CLOCK = [0, 1e11] as const;
const MODE = [0, 100] as const;
const EVENTS = 'DCGM_FI_DEV_CLOCKS_EVENT_REASONS, share of the samples';

type Row = readonly [
  name: string,
  unit: string,
  flags: string,
  otel: string | null,
  source: string,
  plausible: readonly [number, number],
];

/** Flags: `t` texture, `c` core, `x` not windowed. */
const HOST_GAUGES: readonly Row[] = [
  ['cpu_utilization_ratio', '1', 'tc', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['node_power_watts', 'W', 'tc', 'hw.power', '/sys/class/hwmon power meter, IPMI', NODE_POWER],
  ['cpu_power_watts', 'W', 'tc', 'hw.power', '/sys/class/powercap intel-rapl package', [0, 10_000]],
  ['memory_power_watts', 'W', '', 'hw.power', '/sys/class/powercap intel-rapl dram', [0, 5_000]],
  ['network_receive_bytes_per_second', 'By/s', 'tc', null, '/proc/net/dev', RATE],
  ['network_transmit_bytes_per_second', 'By/s', 'tc', null, '/proc/net/dev', RATE],
  ['disk_read_bytes_per_second', 'By/s', 't', null, '/proc/diskstats', RATE],
  ['disk_write_bytes_per_second', 'By/s', 't', null, '/proc/diskstats', RATE],
  ['memory_used_ratio', '1', 'c', 'system.memory.utilization', '/proc/meminfo', RATIO],
  ['memory_used_bytes', 'By', '', 'system.memory.usage', '/proc/meminfo', [0, 1e15]],
  ['cpu_user_ratio', '1', '', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['cpu_system_ratio', '1', '', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['cpu_nice_ratio', '1', '', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['cpu_iowait_ratio', '1', '', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['cpu_steal_ratio', '1', '', 'system.cpu.utilization', '/proc/stat', RATIO],
  ['cpu_frequency_hertz', 'Hz', '', 'system.cpu.frequency', 'cpufreq scaling_cur_freq', [0, 2e10]],
  ['cpu_temperature_celsius', 'Cel', '', 'hw.temperature', '/sys/class/thermal, hwmon', [-50, 150]],
  ['load_average_1m', '{process}', 'c', null, '/proc/loadavg', COUNT],
  ['processes_running', '{process}', '', 'system.process.count', '/proc/stat procs_running', COUNT],
  ['context_switches_per_second', '{switch}/s', '', null, '/proc/stat ctxt', RATE],
  ['interrupts_per_second', '{interrupt}/s', '', null, '/proc/stat intr', RATE],
  ['pressure_cpu_some_ratio', '1', '', null, '/proc/pressure/cpu', RATIO],
  ['pressure_memory_some_ratio', '1', '', null, '/proc/pressure/memory', RATIO],
  ['pressure_io_some_ratio', '1', '', null, '/proc/pressure/io', RATIO],
  ['fabric_receive_bytes_per_second', 'By/s', 't', null, '/sys/class/infiniband counters', RATE],
  ['fabric_transmit_bytes_per_second', 'By/s', 't', null, '/sys/class/infiniband counters', RATE],
  ['tcp_connections', '{connection}', '', 'system.network.connection.count', 'sock_diag', COUNT],
  ['tcp_long_lived_connections', '{connection}', 'c', null, 'sock_diag, older than 10 min', COUNT],
];

const HOST_COUNTERS: readonly Row[] = [
  ['cpu_energy_joules_total', 'J', '', 'hw.energy', 'intel-rapl energy_uj, wraps undone', TOTAL],
  ['network_receive_bytes_total', 'By', '', 'system.network.io', '/proc/net/dev', TOTAL],
  ['network_transmit_bytes_total', 'By', '', 'system.network.io', '/proc/net/dev', TOTAL],
  ['disk_read_bytes_total', 'By', '', 'system.disk.io', '/proc/diskstats', TOTAL],
  ['disk_write_bytes_total', 'By', '', 'system.disk.io', '/proc/diskstats', TOTAL],
  ['agent_frames_dropped_total', '{frame}', '', null, 'the agent: spool full', TOTAL],
  ['agent_cpu_seconds_total', 's', '', 'process.cpu.time', 'the agent', TOTAL],
];

const GPU_GAUGES: readonly Row[] = [
  ['gpu_power_watts', 'W', 'tc', 'hw.power', 'DCGM_FI_DEV_POWER_USAGE', [0, 3_000]],
  ['gpu_utilization_ratio', '1', 'tc', 'hw.gpu.utilization', 'DCGM_FI_DEV_GPU_UTIL', RATIO],
  ['gpu_memory_controller_utilization_ratio', '1', 't', null, 'DCGM_FI_DEV_MEM_COPY_UTIL', RATIO],
  ['gpu_sm_active_ratio', '1', 'tc', null, 'DCGM_FI_PROF_SM_ACTIVE', RATIO],
  ['gpu_tensor_active_ratio', '1', 'tc', null, 'DCGM_FI_PROF_PIPE_TENSOR_ACTIVE', RATIO],
  ['gpu_dram_active_ratio', '1', 'tc', null, 'DCGM_FI_PROF_DRAM_ACTIVE', RATIO],
  ['gpu_memory_used_bytes', 'By', '', 'hw.gpu.memory.usage', 'DCGM_FI_DEV_FB_USED', [0, 1e13]],
  ['gpu_memory_used_ratio', '1', 'c', 'hw.gpu.memory.utilization', 'DCGM_FI_DEV_FB_USED_PERCENT', RATIO],
  ['gpu_temperature_celsius', 'Cel', '', 'hw.temperature', 'DCGM_FI_DEV_GPU_TEMP', [-50, 150]],
  ['gpu_sm_clock_hertz', 'Hz', '', null, 'DCGM_FI_DEV_SM_CLOCK', [0, 1e10]],
  ['gpu_memory_clock_hertz', 'Hz', '', null, 'DCGM_FI_DEV_MEM_CLOCK', [0, 1e11]],
  ['gpu_pcie_transmit_bytes_per_second', 'By/s', 'c', 'hw.gpu.io', 'DCGM_FI_PROF_PCIE_TX_BYTES', RATE],
  ['gpu_pcie_receive_bytes_per_second', 'By/s', '', 'hw.gpu.io', 'DCGM_FI_PROF_PCIE_RX_BYTES', RATE],
  ['gpu_nvlink_transmit_bytes_per_second', 'By/s', 'c', null, 'DCGM_FI_PROF_NVLINK_TX_BYTES', RATE],
  ['gpu_nvlink_receive_bytes_per_second', 'By/s', '', null, 'DCGM_FI_PROF_NVLINK_RX_BYTES', RATE],
  ['gpu_tensor_hmma_active_ratio', '1', 't', null, 'DCGM_FI_PROF_PIPE_TENSOR_HMMA_ACTIVE', RATIO],
  ['gpu_tensor_imma_active_ratio', '1', 't', null, 'DCGM_FI_PROF_PIPE_TENSOR_IMMA_ACTIVE', RATIO],
  ['gpu_integer_active_ratio', '1', 't', null, 'DCGM_FI_PROF_PIPE_INT_ACTIVE', RATIO],
  ['gpu_fp32_active_ratio', '1', '', null, 'DCGM_FI_PROF_PIPE_FP32_ACTIVE', RATIO],
  ['gpu_fp16_active_ratio', '1', 'x', null, 'DCGM_FI_PROF_PIPE_FP16_ACTIVE', RATIO],
  ['gpu_fp64_active_ratio', '1', 'x', null, 'DCGM_FI_PROF_PIPE_FP64_ACTIVE', RATIO],
  ['gpu_tensor_dfma_active_ratio', '1', 'x', null, 'DCGM_FI_PROF_PIPE_TENSOR_DFMA_ACTIVE', RATIO],
  ['gpu_sm_occupancy_ratio', '1', 'x', null, 'DCGM_FI_PROF_SM_OCCUPANCY', RATIO],
  ['gpu_memory_temperature_celsius', 'Cel', 'x', 'hw.temperature', 'DCGM_FI_DEV_MEMORY_TEMP', [-50, 150]],
  ['gpu_power_limit_watts', 'W', 'x', null, 'DCGM_FI_DEV_ENFORCED_POWER_LIMIT', [0, 3_000]],
  ['gpu_power_limit_default_watts', 'W', 'x', null, 'DCGM_FI_DEV_POWER_MGMT_LIMIT_DEF', [0, 3_000]],
  ['gpu_sm_clock_application_hertz', 'Hz', 'x', null, 'DCGM_FI_DEV_APP_SM_CLOCK', CLOCK],
  ['gpu_memory_clock_application_hertz', 'Hz', 'x', null, 'DCGM_FI_DEV_APP_MEM_CLOCK', CLOCK],
  ['gpu_sm_clock_maximum_hertz', 'Hz', 'x', null, 'DCGM_FI_DEV_MAX_SM_CLOCK', CLOCK],
  ['gpu_memory_clock_maximum_hertz', 'Hz', 'x', null, 'DCGM_FI_DEV_MAX_MEM_CLOCK', CLOCK],
  ['gpu_sm_clock_customer_maximum_hertz', 'Hz', 'x', null, 'nvmlDeviceGetMaxCustomerBoostClock', CLOCK],
  ['gpu_clocks_event_idle_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_clocks_event_application_clocks_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_clocks_event_power_cap_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_clocks_event_thermal_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_clocks_event_hardware_slowdown_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_clocks_event_sync_boost_ratio', '1', 'x', null, EVENTS, RATIO],
  ['gpu_nvlink_links', '{link}', 'x', null, 'NVML_FI_DEV_NVLINK_LINK_COUNT', COUNT],
  ['gpu_pcie_link_generation', '1', 'x', null, 'DCGM_FI_DEV_PCIE_LINK_GEN', MODE],
  ['gpu_pcie_link_width', '{lane}', 'x', null, 'DCGM_FI_DEV_PCIE_LINK_WIDTH', MODE],
  ['gpu_processes', '{process}', 'x', null, 'nvmlDeviceGetComputeRunningProcesses', COUNT],
  // 0 off, 1 on.
  ['gpu_ecc_mode', '1', 'x', null, 'DCGM_FI_DEV_ECC_CURRENT', MODE],
  // 0 shared, 1 one thread, 2 prohibited, 3 one process.
  ['gpu_compute_mode', '1', 'x', null, 'DCGM_FI_DEV_COMPUTE_MODE', MODE],
  // 0 off, 1 on: activities and traffic are then those of the instances.
  ['gpu_mig_mode', '1', 'x', null, 'DCGM_FI_DEV_MIG_MODE', MODE],
  // 0 off, 1 on: the driver then hides its performance counters; 2 on, in developer mode, which shows them.
  ['gpu_confidential_compute_mode', '1', 'x', null, 'DCGM_FI_DEV_CC_MODE', MODE],
  // Since Ampere `gpu_power_watts` is an average over a second.
  ['gpu_power_instant_watts', 'W', 'x', null, 'DCGM_FI_DEV_POWER_USAGE_INSTANT', [0, 3_000]],
];

const GPU_COUNTERS: readonly Row[] = [
  ['gpu_energy_joules_total', 'J', '', 'hw.energy', 'DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION', TOTAL],
];

function metric([name, unit, flags, otel, source, plausible]: Row, counter: boolean): Metric {
  const kind = counter ? 'counter' : name.endsWith('_ratio') ? 'ratio' : 'gauge';
  return {
    name,
    kind,
    unit,
    texture: flags.includes('t'),
    core: flags.includes('c'),
    windowed: !flags.includes('x'),
    otel,
    source,
    plausible,
  };
}

export const STATISTICS = ['mean', 'sd', 'min', 'max'] as const;
export type Statistic = (typeof STATISTICS)[number];

/** One value of a row: a metric, or one statistic of a metric with texture. */
export interface Column {
  /** The metric's name; `_sd`, `_min` and `_max` are appended for the statistics beside the mean. */
  readonly name: string;
  readonly metric: Metric;
  readonly statistic: Statistic;
}

function columnsOf(metrics: readonly Metric[]): readonly Column[] {
  return metrics.flatMap((m) =>
    (m.texture ? STATISTICS : (['mean'] as const)).map((statistic) => ({
      name: statistic === 'mean' ? m.name : `${m.name}_${statistic}`,
      metric: m,
      statistic,
    })),
  );
}

/** The columns of one kind of entity. A column's index is its ordinal on the wire. */
export interface Layout {
  readonly metrics: readonly Metric[];
  /** Float32 on the wire. */
  readonly gauges: readonly Column[];
  /** Float64 on the wire. */
  readonly counters: readonly Column[];
}

function layout(gauges: readonly Row[], counters: readonly Row[]): Layout {
  const gaugeMetrics = gauges.map((row) => metric(row, false));
  const counterMetrics = counters.map((row) => metric(row, true));
  return {
    metrics: [...gaugeMetrics, ...counterMetrics],
    gauges: columnsOf(gaugeMetrics),
    counters: columnsOf(counterMetrics),
  };
}

/** Raised by one whenever a row is added to a table above; older readers skip what they do not know. */
export const LAYOUT_ID = 3;

export const LAYOUTS: Readonly<Record<EntityKind, Layout>> = {
  host: layout(HOST_GAUGES, HOST_COUNTERS),
  gpu: layout(GPU_GAUGES, GPU_COUNTERS),
};

/** All metrics by name, of hosts and GPUs alike: names are unique. */
export const METRICS: ReadonlyMap<string, Metric> = new Map(
  ENTITY_KINDS.flatMap((kind) => LAYOUTS[kind].metrics.map((m) => [m.name, m] as const)),
);

/**
 * Ordinal of a gauge column by name, e.g. `cpu_utilization_ratio` → 0, `cpu_utilization_ratio_sd` → 1.
 * @throws RangeError for a name that is not in the catalogue: a programmer's error.
 */
export function gaugeOrdinal(kind: EntityKind, column: string): number {
  return ordinal(LAYOUTS[kind].gauges, column);
}

/** Ordinal of a counter column by name. @throws RangeError as {@link gaugeOrdinal}. */
export function counterOrdinal(kind: EntityKind, column: string): number {
  return ordinal(LAYOUTS[kind].counters, column);
}

function ordinal(columns: readonly Column[], name: string): number {
  const index = columns.findIndex((column) => column.name === name);
  if (index < 0) throw new RangeError(`${name}: expected a column of the metric catalogue`);
  return index;
}

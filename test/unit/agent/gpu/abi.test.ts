import { expect, test } from 'vitest';
import {
  CONF_COMPUTE_STATE,
  FIELD_VALUE,
  GPM_METRIC,
  GPM_METRICS_GET,
  GPM_SUPPORT,
  MEMORY,
  MEMORY_V2,
  PROCESS_INFO,
  PROCESS_UTILIZATION,
  structVersion,
  TEMPERATURE_V1,
  UTILIZATION,
} from '#services/agent/nvml/abi.ts';
import { useStub } from './world.ts';

const stub = useStub();

test('has the sizes of structs and the places of members that a C compiler gives them', () => {
  expect(stub.layouts()).toEqual({
    nvmlUtilization_t: UTILIZATION,
    nvmlMemory_t: MEMORY,
    nvmlMemory_v2_t: MEMORY_V2,
    nvmlTemperature_v1_t: TEMPERATURE_V1,
    nvmlFieldValue_t: FIELD_VALUE,
    nvmlProcessInfo_v2_t: PROCESS_INFO,
    nvmlProcessUtilizationSample_t: PROCESS_UTILIZATION,
    nvmlConfComputeSystemState_t: CONF_COMPUTE_STATE,
    nvmlGpmSupport_t: GPM_SUPPORT,
    nvmlGpmMetric_t: GPM_METRIC,
    nvmlGpmMetricsGet_t: GPM_METRICS_GET,
  });
});

test('makes the struct versions of nvml.h', () => {
  // nvmlMemory_v2 and nvmlTemperature_v1, printed by a C program with NVIDIA's header.
  expect(structVersion(MEMORY_V2.size, 2)).toBe(0x2000028);
  expect(structVersion(TEMPERATURE_V1.size, 1)).toBe(0x100000c);
});

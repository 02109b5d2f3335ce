import { expect, test } from 'vitest';
import { HARDWARE, type Hardware } from '#libs/traces/simulate/hardware.ts';
import { hpc } from '#libs/traces/simulate/workloads/hpc.ts';
import { inferenceOnRequest } from '#libs/traces/simulate/workloads/inference.ts';
import { render } from '#libs/traces/simulate/workloads/render.ts';
import { trainingDataParallel, trainingOffload } from '#libs/traces/simulate/workloads/training.ts';
import { honestPool, type Job } from './honest-pool.ts';

const TRAINING: Job = { name: 'job_1/task_0', workload: trainingDataParallel };
const OFFLOAD: Job = { name: 'job_2/task_0', workload: trainingOffload };
const HPC: Job = { name: 'job_3/task_0', workload: hpc };
const INFERENCE: Job = { name: 'job_4/task_0', workload: inferenceOnRequest({ utcOffsetHours: 0 }) };
const RENDER: Job = { name: 'job_5/task_0', workload: render };

const hardware: Hardware = { ...HARDWARE.h100x8, name: '2x H100', gpus: 2 };
const minutes = 50;

test('in an honest pool of different jobs nobody is found', () => {
  expect(honestPool({ hardware, minutes, jobs: [TRAINING, INFERENCE, HPC], named: true }).story).toEqual([]);
}, 60_000);

test('nor where no scheduler names the jobs', () => {
  expect(honestPool({ hardware, minutes, jobs: [OFFLOAD, TRAINING], named: false }).story).toEqual([]);
}, 60_000);

test('without a sensor of the whole node an honest fleet contradicts no meter', () => {
  const pool = honestPool({
    hardware: HARDWARE.rtx4090x2,
    minutes,
    jobs: [RENDER, TRAINING],
    named: true,
  });
  expect(pool.story.filter((line) => line.includes('energy'))).toEqual([]);
}, 60_000);

test('meters that are offset are told at low severity, and no others', () => {
  const isOffset = (node: string) => node.endsWith('2');
  const pool = honestPool({
    hardware,
    minutes,
    jobs: [TRAINING, OFFLOAD],
    named: true,
    offset: (node) => (isOffset(node) ? 700 : 0),
  });
  const told = pool.findings.map(({ node, kind, severity }) => `${node} ${kind} ${severity}`);
  expect(told.toSorted()).toEqual(['n0-2 energy mismatch low', 'n1-2 energy mismatch low']);
}, 60_000);

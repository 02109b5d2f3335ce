import { join } from 'node:path';
import type { App, Surroundings } from '#libs/runtime/app.ts';
import { nodeCollectors } from './collect/all.ts';
import type { Roots } from './collect/collector.ts';
import { examineGpus, type GpuExamination } from './collect/gpu/examine.ts';
import type { GpuSources } from './collect/gpu/gpus.ts';
import { CollectorSet } from './collector-set.ts';
import { FrameMaker } from './frame-maker.ts';
import type { Gathered } from './gathering.ts';
import { newBoot, openIdentity, siteOf } from './identity.ts';
import type { Outlet } from './outlet.ts';
import { Sampler } from './sampler.ts';
import { Sender } from './sender.ts';
import { Spool } from './spool.ts';
import { lockState } from './state-lock.ts';

export interface AgentSettings extends Roots, GpuSources {
  /** Undefined: the name kept in the state folder, or the host's. */
  readonly node?: string | undefined;
  /** Undefined: the one told when the node joined a gateway, or `local`. */
  readonly site?: string | undefined;
  /** Length of a frame, a multiple of `sampleMs`. */
  readonly intervalMs: number;
  readonly sampleMs: number;
  readonly stateDir: string;
  readonly spoolMaxBytes: number;
  readonly longLivedSeconds: number;
}

const REPLAY_FRAMES_PER_SECOND = 500;
/** How long a stop tries to send what waits. */
const STOP_MS = 3_000;
/** While frames wait, the spool is written through to the disk once in so many frames. */
const FRAMES_PER_SYNC = 6;

/**
 * The agent: samples this machine, closes a frame at every interval of the wall clock, keeps it on disk until the
 * outlet has taken it. A stop sends the frame being gathered, sealed; a kill loses that frame's samples and no other.
 */
export function createAgent(
  { outlet }: { readonly outlet: Outlet },
  settings: AgentSettings,
  surroundings: Surroundings,
): App {
  const running = new AsyncDisposableStack();
  return {
    async start() {
      const identity = openIdentity(settings.stateDir, settings.node);
      running.use(await lockState(settings.stateDir));
      const { node, keys, secret, state } = identity;
      const site = siteOf(identity, settings.site);
      const spool = running.adopt(new Spool(join(state.folder, 'spool'), settings.spoolMaxBytes), (it) =>
        it.close(),
      );
      const limits = { node, replayFramesPerSecond: REPLAY_FRAMES_PER_SECOND, stopMs: STOP_MS };
      const sender = running.adopt(new Sender(spool, outlet, limits, surroundings), (it) => it.stop());
      const origin = { node, site, boot: newBoot(state), intervalMs: settings.intervalMs };
      const keep = keeper(new FrameMaker(origin, keys), spool, sender, surroundings);
      const sources = nodeCollectors({ ...settings, secret }, () => spool.dropped, surroundings);
      const sampler = new Sampler(settings, new CollectorSet(sources, settings, surroundings), keep);
      running.adopt(sampler, (it) => it.stop());
      sender.start();
      sampler.start();
      surroundings.log.info({ node, site, boot: origin.boot, waiting: spool.waiting }, 'sampling');
    },
    stop: () => running.disposeAsync(),
  };
}

/** What an agent could read of the GPUs of this machine. Changes nothing; takes less than a second. */
export function examineSources(sources: GpuSources): Promise<GpuExamination> {
  return examineGpus(sources);
}

/** Puts closed frames into the spool, and counts. A frame that cannot be made costs itself alone. */
function keeper(maker: FrameMaker, spool: Spool, sender: Sender, { counters, log }: Surroundings) {
  let frames = 0;
  let dropped = 0;
  return (gathered: Gathered, endMs: number, last: boolean): void => {
    try {
      spool.append(maker.make(gathered, endMs, last));
    } catch (error) {
      counters.add('agent_frame_failures', {});
      log.error({ err: error }, 'a frame could not be kept');
    }
    frames += 1;
    if (spool.waiting > 1 && frames % FRAMES_PER_SYNC === 0) spool.sync();
    counters.add('agent_frames', {});
    counters.add('agent_frames_dropped', {}, spool.dropped - dropped);
    counters.set('agent_frames_waiting', {}, spool.waiting);
    counters.set('agent_spool_disk_failures', {}, spool.diskFailures);
    dropped = spool.dropped;
    sender.notify();
  };
}

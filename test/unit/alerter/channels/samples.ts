import type { Notice, NoticeBody } from '#libs/ledger/alert-port.ts';
import type { Alert } from '#libs/model/alert.ts';
import type { Ground } from '#libs/model/assessment.ts';
import { causeOf, type Finding } from '#libs/model/finding.ts';
import { isSimulated } from '#libs/model/simulated.ts';
import type { Digest } from '#services/alerter/digest.ts';

const NOTE =
  'An observation for a person to look at. It judges nobody, and its findings say what they cannot see.';
export const OPENED_MS = Date.UTC(2026, 10, 22, 13, 5);

export function aGround(text: string, weight: number): Ground {
  return { rule: 'peers', metric: null, weight, observed: null, expected: null, text };
}

export function anAlert(given: Partial<Alert> = {}): Alert {
  const origin = {
    site: 'OSL-1',
    tenant: 'Nordlys AI',
    kind: 'deviation',
    node: 'gpu-01',
    ...given,
  } as const;
  const nodes = Array.from({ length: 16 }, (_, index) => `gpu-${String(index + 1).padStart(2, '0')}`);
  return {
    id: 'alert-5f0c',
    cause: causeOf(origin),
    state: 'open',
    severity: 'high',
    kind: origin.kind,
    site: origin.site,
    tenant: origin.tenant,
    openedMs: OPENED_MS,
    updatedMs: OPENED_MS + 300_000,
    resolvedMs: null,
    assignee: null,
    findings: ['f-1'],
    nodes,
    summary: `deviation on 16 nodes at ${origin.site}`,
    ...given,
  };
}

export function aFinding(given: Partial<Finding> = {}): Finding {
  return {
    id: 'f-1',
    cause: 'OSL-1/Nordlys AI/deviation',
    kind: 'deviation',
    status: 'open',
    severity: 'high',
    node: 'gpu-01',
    site: 'OSL-1',
    tenant: 'Nordlys AI',
    openedMs: OPENED_MS,
    updatedMs: OPENED_MS + 300_000,
    closedMs: null,
    onset: { fromMs: OPENED_MS - 240_000, toMs: OPENED_MS - 180_000 },
    grade: 'C',
    reasons: [
      aGround('node power watts was 6,912 W; its own past lies at 4,380 W (robust z 4.1)', 1.4),
      aGround('gpu memory activity ratio of gpu 3 was 2.1 %, below 20.0 %', 3.2),
    ],
    counterReasons: [aGround('disk writes came in bursts every 30 minutes, as checkpoints do', -0.8)],
    unseen: ['whether the work is paid in tokens', 'what runs between two samples'],
    assessments: [],
    ...given,
  };
}

/** A notice as the ledger writes it. */
export function aNotice(
  event: Notice['event'] = 'opened',
  alert: Alert = anAlert(),
  more: Partial<Pick<NoticeBody, 'act' | 'findings'> & Pick<Notice, 'id' | 'createdMs'>> = {},
): Notice {
  const { id = `notice-${event}`, findings = [aFinding()], act = null } = more;
  const { createdMs = OPENED_MS + (event === 'opened' ? 400_000 : 600_000) } = more;
  const body: NoticeBody = {
    ...{ event, note: NOTE, simulated: isSimulated(alert.site), alert, act, findings },
    counts: { findings: findings.length, nodes: alert.nodes.length },
  };
  return {
    ...{ id, alert: alert.id, event, body: JSON.stringify(body) },
    createdMs,
    deliveredMs: null,
  };
}

export function aDigest(given: Partial<Digest> = {}): Digest {
  const low = anAlert({
    id: 'alert-low',
    severity: 'low',
    summary: 'clock on gpu-40 at OSL-1',
    kind: 'clock',
  });
  const ended = anAlert({
    id: 'alert-ended',
    severity: 'medium',
    state: 'resolved',
    summary: 'blind on 3 nodes at simulated-yard',
    site: 'simulated-yard',
    resolvedMs: OPENED_MS + 7_200_000,
  });
  const kept = anAlert({ state: 'acknowledged', assignee: 'kari' });
  return {
    fromMs: OPENED_MS - 43_200_000,
    toMs: OPENED_MS + 43_200_000,
    opened: [low, kept],
    resolved: [ended],
    open: [low, kept],
    failing: [
      {
        notice: 'notice-opened',
        alert: 'alert-5f0c',
        event: 'opened',
        createdMs: OPENED_MS,
        channel: 'webhook',
        attempts: 7,
        deliveredMs: null,
        lastError: 'hooks.example.org: expected a status of 2xx, got 503',
      },
    ],
    ...given,
  };
}
